import { type History, plot, show, showImages, type tf } from "../../lib/index";
import { inferred, says } from "./says";

declare const history: History;
declare const images: tf.Tensor4D;

says("a history is drawn as a figure, one run or several", () => {
  inferred(plot.history(history)).as<plot.Figure>();
  inferred(plot.history([history, history], { names: ["a", "b"] })).as<plot.Figure>();
  // @ts-expect-error
  plot.history([0.9, 0.8]);
  // @ts-expect-error
  plot.history(history, { metric: "loss" });
});

says("charts take numbers, by name where there are several", () => {
  inferred(plot.line([1, 2, 3])).as<plot.Figure>();
  plot.line({ training: [1, 2], validation: [2, 3] }, { xTitle: "epoch" });
  inferred(plot.bar({ cat: 3, dog: 4 })).as<plot.Figure>();
  // @ts-expect-error
  plot.line("1, 2, 3");
  // @ts-expect-error
  plot.scatter([1, 2], [3, 4]);
  // @ts-expect-error
  plot.histogram([1, 2], { bins: "many" });
});

says("a confusion matrix comes of classes or of counts", () => {
  inferred(plot.confusionMatrix([0, 1], [1, 1])).as<plot.Figure>();
  inferred(
    plot.confusionMatrix(
      [
        [3, 1],
        [0, 4],
      ],
      { classNames: ["cat", "dog"] },
    ),
  ).as<plot.Figure>();
  // @ts-expect-error
  plot.confusionMatrix(["cat"], ["dog"]);
});

says("images are a picture", async () => {
  inferred(await plot.images(images, { columns: 4 })).as<plot.Picture>();
  // @ts-expect-error
  plot.images(images, { cols: 4 });
  // @ts-expect-error
  showImages(42);
  // @ts-expect-error
  show();
});
