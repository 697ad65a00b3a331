import {
  cache,
  cardinality,
  type DigitSet,
  datasets,
  downloadFile,
  fromTensorSlices,
  gdown,
  type ImageBatch,
  type ImageDataset,
  imageDatasetFromDirectory,
  loadImage,
  makeSubset,
  shapes,
  type tf,
  unzip,
} from "../../lib/index";
import { inferred, says } from "./says";

declare const x: tf.Tensor4D;
declare const y: tf.Tensor1D;

says("a folder of images is a dataset of images with labels", async () => {
  const dataset = await imageDatasetFromDirectory("train", { imageSize: [180, 180] });
  inferred(dataset).as<ImageDataset<ImageBatch>>();
  inferred(dataset.classNames).as<string[]>();
  inferred(dataset.size).as<number>();
});

says("without labels it is a dataset of images alone", async () => {
  const byLabels = await imageDatasetFromDirectory("train", { labels: null });
  inferred(byLabels).as<ImageDataset<tf.Tensor4D>>();
  const byMode = await imageDatasetFromDirectory("train", { labelMode: null });
  inferred(byMode).as<ImageDataset<tf.Tensor4D>>();
});

says("with both subsets it is two datasets", async () => {
  const both = { subset: "both", validationSplit: 0.2, seed: 1 } as const;
  const [training, validation] = await imageDatasetFromDirectory("train", both);
  inferred(training).as<ImageDataset>();
  inferred(validation).as<ImageDataset>();
});

says("with both subsets and no labels it is two datasets of images alone", async () => {
  const both = { labels: null, subset: "both", validationSplit: 0.2, seed: 1 } as const;
  const [training, validation] = await imageDatasetFromDirectory("train", both);
  inferred(training).as<ImageDataset<tf.Tensor4D>>();
  inferred(validation).as<ImageDataset<tf.Tensor4D>>();
});

says("it knows its options and their words", () => [
  // @ts-expect-error
  imageDatasetFromDirectory(),
  // @ts-expect-error
  imageDatasetFromDirectory("train", { image_size: [180, 180] }),
  // @ts-expect-error
  imageDatasetFromDirectory("train", { imageSize: [180, 180, 3] }),
  // @ts-expect-error
  imageDatasetFromDirectory("train", { labelMode: "sparse" }),
  // @ts-expect-error
  imageDatasetFromDirectory("train", { colorMode: "bgr" }),
  // @ts-expect-error
  imageDatasetFromDirectory("train", { interpolation: "cubic" }),
  // @ts-expect-error
  imageDatasetFromDirectory("train", { subset: "test" }),
]);

says("a picture is a batch of one", async () => {
  inferred(await loadImage("cat.jpg")).as<tf.Tensor4D>();
  inferred(await loadImage("cat.jpg", { size: [180, 180] })).as<tf.Tensor4D>();
  // @ts-expect-error
  loadImage("cat.jpg", 180);
  // @ts-expect-error
  loadImage("cat.jpg", { target_size: 180 });
  // @ts-expect-error
  loadImage("cat.jpg", { interpolation: "cubic" });
});

says("a dataset of files knows their paths, labels and classes", async () => {
  const images = await imageDatasetFromDirectory("train");
  inferred(images.filePaths).as<string[]>();
  inferred(images.labels).as<number[]>();
  inferred(images.classNames).as<string[]>();
});

says("slices keep the shape of what they are cut from", async () => {
  inferred(fromTensorSlices(x)).as<tf.data.Dataset<tf.Tensor>>();
  inferred(fromTensorSlices({ xs: x, ys: y })).as<
    tf.data.Dataset<{ xs: tf.Tensor; ys: tf.Tensor }>
  >();
  // @ts-expect-error
  fromTensorSlices([1, 2, 3]);
});

says("a loop over a dataset sees its elements", async () => {
  for await (const slice of fromTensorSlices(x)) inferred(slice).as<tf.Tensor>();
  for await (const batch of await imageDatasetFromDirectory("train")) {
    inferred(batch).as<ImageBatch>();
  }
});

says("shapes stand where tensors stood", async () => {
  const images = await imageDatasetFromDirectory("train");
  inferred(await shapes(images)).as<{ xs: number[]; ys: number[] }[]>();
  inferred(cardinality(images)).as<number | undefined>();
  inferred(cache(images)).as<tf.data.Dataset<ImageBatch>>();
  // @ts-expect-error
  shapes(images, 3);
});

says("MNIST is two pairs of images and labels", async () => {
  const [[images, labels], test] = await datasets.mnist.loadData();
  inferred(images).as<tf.Tensor3D>();
  inferred(labels).as<tf.Tensor1D>();
  inferred(test).as<DigitSet>();
  // @ts-expect-error
  datasets.mnist.loadData("mnist.npz");
  // @ts-expect-error
  datasets.cifar10.loadData();
});

says("files come from an address, by options", async () => {
  inferred(await downloadFile("https://example.org/a.zip")).as<string>();
  inferred(await gdown.download({ id: "abc" })).as<string>();
  // @ts-expect-error
  downloadFile(42);
  // @ts-expect-error
  gdown.download("abc");
  // @ts-expect-error
  unzip("a.zip", { into: 3 });
  // @ts-expect-error
  makeSubset();
});
