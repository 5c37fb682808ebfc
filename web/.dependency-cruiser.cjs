/** Imports go ui -> platform -> call -> core, never back; actions sit between ui and platform, and the service worker stands on core alone. */
const forbid = (from, to) => ({
  name: `${from}-not-${to}`,
  severity: "error",
  from: { path: `^src/${from}/`, pathNot: "\\.test\\.tsx?$" },
  to: { path: `^src/${to}/` },
});

module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true, dependencyTypesNot: ["type-only"] } },
    ...["call", "platform", "actions", "ui"].map((to) => forbid("core", to)),
    ...["platform", "actions", "ui"].map((to) => forbid("call", to)),
    ...["actions", "ui"].map((to) => forbid("platform", to)),
    forbid("actions", "ui"),
    ...["call", "platform", "actions", "ui"].map((to) => forbid("worker", to)),
    ...["core", "call", "platform", "actions", "ui"].map((from) => forbid(from, "worker")),
    ...["core", "call", "platform", "actions", "ui"].map((to) => forbid("protocol", to)),
    {
      name: "kobalte-in-kit-only",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/ui/kit/" },
      to: { path: "@kobalte/" },
    },
    {
      name: "solid-in-ui-only",
      severity: "error",
      from: { path: "^src/(core|call|platform|actions)/", pathNot: "\\.test\\.tsx?$" },
      to: { path: "node_modules/solid-js" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".tsx", ".js"] },
  },
};
