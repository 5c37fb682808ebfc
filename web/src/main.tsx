import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/kit.css";
import "./styles/shell.css";
import "./styles/timeline.css";
import "./styles/pages.css";

import { render } from "solid-js/web";

import { Client } from "./platform/client";
import { Controller } from "./platform/rtc";
import { AppProvider } from "./ui/app";
// From the start: it follows the device from light to dark while nobody has opened the settings.
import "./ui/appearance";
import { Root } from "./ui/views/root";

const root = document.getElementById("app");
if (root === null) throw new Error("index.html has the element the client is drawn in");

const client = new Client();
const calls = new Controller(client);
void client.begin();

render(
  () => (
    <AppProvider client={client} calls={calls}>
      <Root />
    </AppProvider>
  ),
  root,
);
