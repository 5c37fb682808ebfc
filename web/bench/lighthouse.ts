/** Lighthouse, as its own program, on a browser that is signed in or not. */
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";

import { median } from "./table";

const PROGRAM = resolve(import.meta.dirname, "node_modules/.bin/lighthouse");
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
/** Performance is a measurement, the first one also of the browser's start; the others come out the same each time. */
const RUNS = 5;

export const FORMS = ["phone", "desktop"] as const;
export type Form = (typeof FORMS)[number];
export const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"] as const;
export type Category = (typeof CATEGORIES)[number];

export type Judged = {
  /** Of 100: the median of performance, the least of the others. */
  scores: Record<Category, number>;
  /** What cost points, in the order of the runs. */
  faults: string[];
};

type Report = {
  categories: Record<Category, { score: number | null; auditRefs: { id: string; weight: number }[] }>;
  audits: Record<string, { title: string; score: number | null; displayValue?: string }>;
};

/** Judges a page in the browser that listens there. */
export async function judge(url: string, port: number, form: Form): Promise<Judged> {
  const reports: Report[] = [];
  for (let run = 0; run < RUNS; run++) reports.push(await once(url, port, form));
  const of = (category: Category): number[] =>
    reports.map((report) => Math.round((report.categories[category].score ?? 0) * 100));
  return {
    scores: {
      performance: median(of("performance")),
      accessibility: Math.min(...of("accessibility")),
      "best-practices": Math.min(...of("best-practices")),
      seo: Math.min(...of("seo")),
    },
    faults: [...new Set(reports.flatMap(faults))],
  };
}

async function once(url: string, port: number, form: Form): Promise<Report> {
  const { stdout } = await promisify(execFile)(
    PROGRAM,
    [
      url,
      `--port=${String(port)}`,
      `--only-categories=${CATEGORIES.join(",")}`,
      "--no-enable-error-reporting",
      "--output=json",
      "--output-path=stdout",
      "--quiet",
      ...(form === "desktop" ? ["--preset=desktop"] : []),
    ],
    { maxBuffer: OUTPUT_BYTES_MAX },
  );
  return JSON.parse(stdout) as Report;
}

function faults(report: Report): string[] {
  return CATEGORIES.flatMap((category) =>
    report.categories[category].auditRefs
      .filter(({ id, weight }) => weight > 0 && (report.audits[id]?.score ?? 1) < 0.995)
      .map(({ id }) => {
        const audit = report.audits[id];
        const score = Math.round((audit?.score ?? 0) * 100);
        return `${category}: ${audit?.title ?? id} ${audit?.displayValue ?? ""} (${String(score)})`;
      }),
  );
}
