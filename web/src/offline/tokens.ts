// The tokens of SPARQL as far as they matter for looking at a query without parsing it, as kg/engine/tokens.py has them.

const TOKEN = new RegExp(
  [
    /(?<comment>#[^\n\r]*)/u,
    /(?<string>"""(?:[^"\\]|\\.|"(?!""))*"""|'''(?:[^'\\]|\\.|'(?!''))*'''|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')/u,
    /(?<iri><[^<>"{}|^`\\\x00-\x20]*>)/u,
    /(?<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)/u,
    /(?<variable>[?$][\p{L}\p{N}_]+)/u,
    /(?<name>[\p{L}\p{N}_\-.]{0,100}:(?:[\p{L}\p{N}_\-.:]|%[0-9A-Fa-f]{2}|\\.)*)/u,
    /(?<word>\d+\.\d+(?:[eE][+-]?\d+)?|[\p{L}\p{N}_]+)/u,
    /(?<other>&&|\|\||\^\^|\S)/u,
  ]
    .map((part) => part.source)
    .join("|"),
  "gsu",
);

/** Return the words of a query that are neither in strings, IRIs, names nor comments, with where they stand. */
export function words(text: string): { word: string; at: number; next: string }[] {
  const found = [...text.matchAll(TOKEN)].filter((token) => token.groups!["comment"] === undefined);
  return found.flatMap((token, at) =>
    token.groups!["word"] === undefined ? [] : [{ word: token[0], at: token.index, next: found[at + 1]?.[0] ?? "" }],
  );
}

/** Return a query with its truth values in lower case, the only one that the engine knows. */
export function lowerBooleans(text: string): string {
  let written = text;
  for (const { word, at } of words(text))
    if (/^(?:true|false)$/i.test(word)) written = written.slice(0, at) + word.toLowerCase() + written.slice(at + word.length);
  return written;
}
