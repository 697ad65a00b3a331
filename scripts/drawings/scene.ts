/** What a place offers to the composition. */
import type { Canvas, Hsl } from "./canvas";
import type { Dice } from "./dice";

/** A drawn place. */
export interface Scene {
  /** Where the ground begins, in pixels from the top; feet stand below. */
  horizon: number;
  /** What stands around here. */
  outdoors: boolean;
  /** Colour of what an animal can hide behind: hedge, snow, sofa. */
  cover: Hsl;
  /** Draws what is in front of everything else. */
  front?: () => void;
}

/** Draws a place on an empty canvas. */
export type Draw = (canvas: Canvas, dice: Dice) => Scene;
