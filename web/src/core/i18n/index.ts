export { en as t } from "./en";
export * as format from "./format";
