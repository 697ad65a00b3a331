/** The sections of `npm run torture`, in the order in which they run. */
import { section as disks } from "./disks";
import { section as downloads } from "./downloads";
import { section as kept } from "./kept";
import { section as kills } from "./kills";
import { section as mutations } from "./mutations";
import { section as processes } from "./processes";
import type { Section } from "./section";
import { section as setUp } from "./setUp";
import { section as soak } from "./soak";
import { section as workers } from "./workers";

export const sections: readonly Section[] = [
  kills,
  processes,
  setUp,
  mutations,
  kept,
  disks,
  downloads,
  soak,
  workers,
];
