// Makes an offline copy of the site work: requests of its scripts to the service are answered in the browser.
import { showResults } from "../offline/results";
import { watchLinks } from "../offline/links";
import { serve, unlimit } from "../offline/service";

serve();
unlimit();
watchLinks();
void showResults();
