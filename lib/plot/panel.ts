/** Where a static figure draws. */
import type { Axis } from "./specification";

/** A pair of axes with the frame that they span, in pixels. */
export interface Panel {
  xName: string;
  yName: string;
  xAxis: Axis;
  yAxis: Axis;
  frame: { left: number; top: number; width: number; height: number };
}
