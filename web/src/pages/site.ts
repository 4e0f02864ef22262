// What every page has beyond its HTML: suggestions while a name is typed. Without it the search form just sends.
import { suggest } from "../suggest";

for (const input of document.querySelectorAll<HTMLInputElement>("input[data-suggest]")) suggest(input);
