// Adds suggestions to the search field of every page; without scripts the form still works.
import { suggest } from "../suggest";

for (const input of document.querySelectorAll<HTMLInputElement>("input[data-suggest]")) suggest(input);
