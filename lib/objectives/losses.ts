/** All that `losses` has. */
export { Loss } from "./lossClass";
export * from "./lossFunctions";
