// What a copy of the site as files has beyond its pages: what their scripts ask the service is answered in the browser.
import { showFound } from "../offline/found";
import { watchLinks } from "../offline/links";
import { serve, unlimit } from "../offline/service";

serve();
unlimit();
watchLinks();
void showFound();
