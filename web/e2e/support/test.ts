import { test as base, type Browser, type BrowserContext, type Page } from "@playwright/test";

import type { UserId } from "../../src/protocol/generated";
import { launch, type BrowserName } from "./browsers";
import { giveLook, LOOKS, type Look } from "./media";
import { Server } from "./server";
import { Account } from "./workspace";

/** Somebody at a browser of their own, signed in, with a camera and a voice nobody else has. */
export type Person = {
  name: string;
  id: UserId;
  account: Account;
  look: Look;
  context: BrowserContext;
  page: Page;
};

type Options = {
  /** One of a kind that is shared, or one of their own. */
  browser?: BrowserName | Browser;
  viewport?: { width: number; height: number };
  colorScheme?: "light" | "dark";
  portrait?: NonNullable<Look["portrait"]>;
  /** Where the server is found, when not at its own address. */
  url?: string;
};

/** A workspace with its people: the first one made is its admin. */
export class Scene {
  private readonly accounts: Account[] = [];
  private readonly browsers = new Map<BrowserName, Promise<Browser>>();

  constructor(
    readonly server: Server,
    chromium: Promise<Browser>,
  ) {
    this.browsers.set("chromium", chromium);
  }

  /** Makes the account alone. */
  async account(name: string): Promise<Account> {
    const admin = this.accounts[0];
    const account =
      admin === undefined ? await Account.first(this.server, name) : await admin.invite(name);
    this.accounts.push(account);
    return account;
  }

  /** Makes the account and opens the product with it. */
  async person(name: string, options: Options = {}): Promise<Person> {
    return this.device(await this.account(name), options);
  }

  /** Opens the product for somebody who has an account, as another device. */
  async device(account: Account, options: Options = {}): Promise<Person> {
    const { context, page, look } = await this.page(options, this.accounts.indexOf(account));
    const url = options.url ?? this.server.url;
    await account.signIn(page, url);
    await page.goto(url);
    await page.getByRole("navigation").first().waitFor();
    return { name: account.me.user.name, id: account.id, account, look, context, page };
  }

  /** A browser window nobody is signed in with. */
  async visitor(options: Options = {}): Promise<Page> {
    return (await this.page(options, 0)).page;
  }

  async close(): Promise<void> {
    for (const [name, browser] of this.browsers) {
      if (name !== "chromium") await (await browser).close();
    }
  }

  private async page(
    { browser = "chromium", viewport, colorScheme, portrait }: Options,
    index: number,
  ): Promise<{ context: BrowserContext; page: Page; look: Look }> {
    const launched = typeof browser === "string" ? this.shared(browser) : browser;
    const context = await (await launched).newContext({
      viewport: viewport ?? { width: 1440, height: 900 },
      locale: "en-GB",
      // Firefox driven by BiDi refuses the setting.
      ...(browser === "chromium" ? { colorScheme: colorScheme ?? "light" } : {}),
    });
    const page = await context.newPage();
    const plain = LOOKS[index % LOOKS.length];
    if (plain === undefined) throw new Error("there are looks");
    const look = portrait === undefined ? plain : { ...plain, portrait };
    await giveLook(page, look);
    return { context, page, look };
  }

  private shared(name: BrowserName): Promise<Browser> {
    const launched = this.browsers.get(name) ?? launch(name);
    this.browsers.set(name, launched);
    return launched;
  }
}

export const test = base.extend<{ scene: Scene }, { chromiumBrowser: Browser }>({
  chromiumBrowser: [
    async ({}, use) => {
      const browser = await launch("chromium");
      await use(browser);
      await browser.close();
    },
    { scope: "worker" },
  ],
  scene: async ({ chromiumBrowser }, use) => {
    const server = await Server.start();
    const scene = new Scene(server, Promise.resolve(chromiumBrowser));
    await use(scene);
    for (const context of chromiumBrowser.contexts()) await context.close();
    await scene.close();
    await server.stop();
  },
});

export { expect } from "@playwright/test";
