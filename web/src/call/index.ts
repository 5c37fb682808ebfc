export * from "./devices";
export * from "./layout";
export * from "./live";
export * from "./machine";
export * from "./media";
export * from "./prepare";
export * from "./quality";
export * from "./ring";
