/** The places where the animals are. */
import type { Canvas } from "./canvas";
import type { Dice } from "./dice";
import { blanket, kitchen, livingRoom, studio } from "./indoors";
import { beach, forest, meadow, snow } from "./nature";
import type { Draw, Scene } from "./scene";
import { street } from "./town";

// Two stand twice: they are the likelier places for a pet.
const scenes: readonly Draw[] = [
  meadow,
  meadow,
  forest,
  beach,
  snow,
  street,
  livingRoom,
  livingRoom,
  kitchen,
  blanket,
  studio,
];

/** Draws one of the places and tells what it offers. */
export function drawScene(canvas: Canvas, dice: Dice): Scene {
  return dice.pick(scenes)(canvas, dice);
}
