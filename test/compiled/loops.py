"""What compiledKeras.test.ts does, in Keras: the models of a folder, a GAN's loop, integrated gradients."""
import json
import sys

import keras
import numpy as np
import tensorflow as tf

BATCH, LATENT, STEPS = 8, 6, 5


def wave(shape, start):
    count = int(np.prod(shape))
    return tf.constant(np.sin(start + 1.7 * np.arange(count)).astype("float32").reshape(shape))


def pictures(step):
    return wave([BATCH, 8, 8, 1], 100 * step)


def noise(step):
    return wave([BATCH, LATENT], 50 + 1000 * step)


generator = keras.saving.load_model(sys.argv[1] + "/generator.keras")
discriminator = keras.saving.load_model(sys.argv[1] + "/discriminator.keras")


@tf.function
def attribute(picture, baseline):
    shares = tf.reshape(tf.linspace(0.0, 1.0, 21), [-1, 1, 1, 1])
    between = baseline + shares * (picture - baseline)
    with tf.GradientTape() as tape:
        tape.watch(between)
        output = discriminator(between)
    gradients = tape.gradient(output, between)
    return tf.reduce_mean((gradients[:-1] + gradients[1:]) / 2, 0) * (picture - baseline)


attributions = attribute(pictures(0)[:1], tf.zeros([1, 8, 8, 1])).numpy().ravel().tolist()

of_discriminator = keras.optimizers.Adam(3e-3, beta_1=0.5)
of_generator = keras.optimizers.Adam(2e-3, beta_1=0.5)
loss_of = keras.losses.BinaryCrossentropy(from_logits=True)


@tf.function
def step(images, first, second):
    both = tf.concat([generator(first, training=True), images], 0)
    labels = tf.concat([tf.ones([BATCH, 1]), tf.zeros([BATCH, 1])], 0)
    with tf.GradientTape() as tape:
        discriminator_loss = loss_of(labels, discriminator(both, training=True))
    weights = discriminator.trainable_weights
    of_discriminator.apply_gradients(zip(tape.gradient(discriminator_loss, weights), weights))
    with tf.GradientTape() as tape:
        scores = discriminator(generator(second, training=True), training=True)
        generator_loss = loss_of(tf.zeros([BATCH, 1]), scores)
    weights = generator.trainable_weights
    of_generator.apply_gradients(zip(tape.gradient(generator_loss, weights), weights))
    return discriminator_loss, generator_loss


losses = [[float(loss) for loss in step(pictures(i), noise(i), noise(i + 0.5))] for i in range(STEPS)]
weight = float(np.abs(generator.trainable_weights[0].numpy()).sum())
print(json.dumps({"losses": losses, "weight": weight, "attributions": attributions}))
