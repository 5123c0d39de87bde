// Where the page begins.

import { startApp } from "./page/app.js";
import { makePanels } from "./panels/all.js";

const data = JSON.parse(document.getElementById("data").textContent);
startApp(makePanels(data), data);
