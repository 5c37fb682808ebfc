import "./styles/tokens.css";

import { render } from "solid-js/web";

const root = document.getElementById("app");
if (root !== null) render(() => <h1>Connect</h1>, root);
