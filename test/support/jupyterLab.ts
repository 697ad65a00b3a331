/** JupyterLab on a free port, and a browser to look at it. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { accessSync, constants, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { jupyterSettings } from "./jupyterSettings";
import { repositoryRoot } from "./python";
import { temporaryFolder } from "./temporaryFolder";

/** Where screenshots of the browser tests are kept. */
const screenshots = path.join(repositoryRoot, "out/browser");

/** The path of a Chromium on this machine, if there is one. */
export function findBrowser(): string | undefined {
  return ["chromium", "chromium-browser", "google-chrome"]
    .map((name) => path.join("/usr/bin", name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function openBrowser(executablePath: string): Promise<Browser> {
  mkdirSync(screenshots, { recursive: true });
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

export interface JupyterLab {
  /** The address of a notebook, named from the server's folder. */
  addressOf(notebook: string): string;
  stop(): Promise<void>;
}

/** Starts JupyterLab in `folder` with settings of its own. */
export async function startJupyterLab(folder: string): Promise<JupyterLab> {
  const settings = temporaryFolder();
  // Without an answer JupyterLab asks whether to fetch news, over the notebook.
  const notifications = settings.join("settings/@jupyterlab/apputils-extension");
  mkdirSync(notifications, { recursive: true });
  writeFileSync(
    path.join(notifications, "notification.jupyterlab-settings"),
    JSON.stringify({ fetchNews: "false", checkForUpdates: false }),
  );
  const token = randomUUID();
  const port = await freePort();
  const server = spawn(
    path.join(repositoryRoot, ".venv/bin/python"),
    [
      "-m",
      "jupyterlab",
      "--no-browser",
      "--allow-root",
      "--expose-app-in-browser",
      `--ServerApp.root_dir=${folder}`,
      `--ServerApp.port=${port}`,
      "--ServerApp.port_retries=0",
      `--IdentityProvider.token=${token}`,
    ],
    {
      cwd: folder,
      env: {
        ...process.env,
        ...jupyterSettings,
        JUPYTER_CONFIG_DIR: settings.join("config"),
        JUPYTER_RUNTIME_DIR: settings.join("runtime"),
        JUPYTERLAB_SETTINGS_DIR: settings.join("settings"),
        JUPYTERLAB_WORKSPACES_DIR: settings.join("workspaces"),
      },
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  const base = `http://127.0.0.1:${port}`;
  await answers(server, `${base}/api?token=${token}`);
  return {
    // A workspace of its own: another page's tabs would be restored beside it.
    addressOf: (notebook) =>
      `${base}/lab/workspaces/${randomUUID()}/tree/${encodeURI(notebook)}?token=${token}`,
    async stop() {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGTERM");
      await ended;
      settings[Symbol.dispose]();
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Waits until the server answers; fails with its log when it ends before. */
async function answers(server: ChildProcess, address: string): Promise<void> {
  let log = "";
  server.stderr!.on("data", (chunk) => {
    log += chunk;
  });
  while (true) {
    if (server.exitCode !== null) throw new Error(`JupyterLab ended:\n${log}`);
    const isUp = await fetch(address).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** A notebook page that is driven as a person would, with what it wrote to the console. */
export class NotebookPage {
  readonly page: Page;
  /** Errors of the page and of its console. */
  readonly errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") this.errors.push(message.text());
    });
  }

  static async open(browser: Browser, address: string): Promise<NotebookPage> {
    const page = await browser.newPage({ viewport: { width: 1180, height: 1400 } });
    const notebook = new NotebookPage(page);
    await page.goto(address);
    await page.locator(".jp-Notebook .jp-CodeCell").first().waitFor({ timeout: 90_000 });
    await page.evaluate(`(async () => {
      const { sessionContext } = jupyterapp.shell.currentWidget;
      await sessionContext.ready;
      await sessionContext.session.kernel.info;
    })()`);
    return notebook;
  }

  /** The code cell number `index`, from 0. */
  cell(index: number) {
    return this.page.locator(".jp-Notebook .jp-CodeCell").nth(index);
  }

  /** Scrolls past every cell, so that all figures are drawn. */
  async look(): Promise<void> {
    await this.page.evaluate(`(async () => {
      const { content } = jupyterapp.shell.currentWidget;
      const plotly = "application/vnd.plotly.v1+json";
      const waitFor = async (is) => {
        for (let i = 0; i < 100 && !is(); i++) await new Promise((done) => setTimeout(done, 50));
      };
      for (const cell of content.widgets) {
        await content.scrollToCell(cell);
        const outputs = cell.model.outputs;
        if (outputs === undefined) continue;
        const all = Array.from({ length: outputs.length }, (_, i) => outputs.get(i));
        if (!all.some(({ data }) => plotly in data)) continue;
        await waitFor(() => cell.node.querySelector(".js-plotly-plot .main-svg") !== null);
        // The extension notes a picture of what it has drawn.
        await waitFor(() => all.every(({ data }) => !(plotly in data) || "image/png" in data));
      }
    })()`);
  }

  /** Saves, and waits until it is done. */
  async save(): Promise<void> {
    await this.page.evaluate(`jupyterapp.commands.execute("docmanager:save")`);
  }

  /**
   * Presses "Restart the kernel and run all cells" and waits for the end.
   *
   * @returns How many cells have run, and the first error.
   */
  async restartAndRunAll({ timeoutMs = 480_000 } = {}): Promise<{ ran: number; error: string }> {
    await this.page.locator('[data-command="notebook:restart-run-all"]').first().click();
    await this.page.locator(".jp-Dialog .jp-mod-accept").click();
    const state = `(() => {
      const { content, sessionContext } = jupyterapp.shell.currentWidget;
      const cells = content.widgets
        .map(({ model }) => model)
        .filter(({ type, sharedModel }) => type === "code" && sharedModel.getSource().trim() !== "");
      const all = cells.flatMap(({ outputs }) => outputs.toJSON());
      const failed = all.find(({ output_type }) => output_type === "error");
      const ran = cells.filter(({ executionCount }) => executionCount !== null).length;
      const isIdle = sessionContext.session?.kernel?.status === "idle";
      const error = failed === undefined ? "" : failed.ename + ": " + failed.evalue;
      return { ran, error, isOver: isIdle && (ran === cells.length || error !== "") };
    })()`;
    const deadline = performance.now() + timeoutMs;
    let ran = 0;
    // Until the old counts are gone.
    await this.page.locator(".jp-InputArea-prompt", { hasText: "[*]" }).first().waitFor();
    while (performance.now() < deadline) {
      const { isOver, ...result } = (await this.page.evaluate(state)) as {
        isOver: boolean;
        ran: number;
        error: string;
      };
      if (isOver) return result;
      ran = result.ran;
      await this.page.waitForTimeout(250);
    }
    throw new Error(
      `The notebook runs for more than ${timeoutMs / 1000} s: ${ran} cells until then`,
    );
  }

  /** Starts a cell with Ctrl-Enter. */
  async start(index: number): Promise<void> {
    await this.cell(index).locator(".cm-content").click();
    await this.page.keyboard.press("Control+Enter");
  }

  /** Runs a cell and waits until it is done. */
  async run(index: number): Promise<void> {
    await this.start(index);
    await this.prompt(index, /\[\d+\]/);
  }

  /** Waits until the prompt beside a cell looks like `pattern`: `[*]` while it runs, then a number. */
  async prompt(index: number, pattern: RegExp): Promise<void> {
    const prompt = this.cell(index).locator(".jp-InputArea-prompt", { hasText: pattern });
    await prompt.waitFor({ timeout: 120_000 });
  }

  output(index: number) {
    return this.cell(index).locator(".jp-OutputArea");
  }

  async setTheme(theme: "JupyterLab Light" | "JupyterLab Dark"): Promise<void> {
    await this.page.evaluate(
      `jupyterapp.commands.execute("apputils:change-theme", { theme: ${JSON.stringify(theme)} })`,
    );
    const isLight = String(theme === "JupyterLab Light");
    await this.page.locator(`body[data-jp-theme-light=${isLight}]`).waitFor({ state: "attached" });
  }

  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: path.join(screenshots, `${name}.png`) });
  }

  /**
   * The text of a cell's output that is hardest to read, of all that `selector` finds in SVGs, with its contrast to the
   * notebook's background, from 1 to 21, as the WCAG define it.
   */
  async leastContrast(
    index: number,
    selector: string,
  ): Promise<{ text: string; contrast: number }> {
    return this.page.evaluate(`(() => {
      const cell = document.querySelectorAll(".jp-Notebook .jp-CodeCell")[${index}];
      const texts = [...cell.querySelectorAll(${JSON.stringify(`.jp-OutputArea ${selector}`)})];
      const channels = (color) => color.match(/[\\d.]+/g).map(Number);
      const luminance = (color) => {
        const [r, g, b] = color.map((value) => {
          const share = value / 255;
          return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const notebook = document.querySelector(".jp-NotebookPanel-notebook, .jp-Notebook");
      const ground = channels(getComputedStyle(notebook).backgroundColor).slice(0, 3);
      const contrastOf = (color) => {
        const [r, g, b, alpha = 1] = channels(color);
        const seen = [r, g, b].map((value, i) => value * alpha + ground[i] * (1 - alpha));
        const [one, other] = [luminance(seen), luminance(ground)];
        return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      };
      const pieces = texts.flatMap((text) => {
        const parts = [...text.querySelectorAll("tspan")].filter((part) => part.children.length === 0);
        return parts.length > 0 ? parts : [text];
      });
      return pieces
        .filter(({ textContent }) => textContent.trim() !== "")
        .map((piece) => ({ text: piece.textContent, contrast: contrastOf(getComputedStyle(piece).fill) }))
        .sort((a, b) => a.contrast - b.contrast)[0];
    })()`);
  }
}
