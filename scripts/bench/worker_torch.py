"""The workloads of workloads.ts in PyTorch: channels-last, and bfloat16 by autocast.

A plain training loop, as PyTorch has no `fit`: loss and accuracy are summed, the data is shuffled. It runs on a GPU
when PyTorch finds one; the data waits in the host's memory, as it does for Keras and for us.
"""

import sys

import torch
from serving import serve
from torch import nn

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def convolutions(channels, filters):
    modules = []
    for i, size in enumerate(filters):
        modules += [nn.Conv2d(channels, size, 3), nn.ReLU(inplace=True)]
        if i < len(filters) - 1:
            modules.append(nn.MaxPool2d(2))
        channels = size
    return [*modules, nn.Flatten()]


def digit_model():
    return nn.Sequential(*convolutions(1, [32, 64, 128]), nn.Linear(3 * 3 * 128, 10))


class Scaled(nn.Module):
    def forward(self, images):
        return images / 255


def picture_model():
    return nn.Sequential(Scaled(), *convolutions(3, [32, 64, 128, 256, 256]), nn.Linear(7 * 7 * 256, 1))


def vgg_trunk():
    modules, channels = [], 3
    for count, size in [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)]:
        for _ in range(count):
            modules += [nn.Conv2d(channels, size, 3, padding=1), nn.ReLU(inplace=True)]
            channels = size
        modules.append(nn.MaxPool2d(2))
    return modules


def fine_tuned_model():
    trunk = vgg_trunk()
    for module in trunk[:-7]:  # all but block 5: three convolutions with their activations, and the pooling
        module.requires_grad_(False)
    head = [nn.Flatten(), nn.Linear(5 * 5 * 512, 256), nn.Dropout(0.5), nn.Linear(256, 1)]
    return nn.Sequential(*trunk, *head)


def digit_data(count):
    images = (torch.arange(count * 784) * 7919 % 256 / 255).float()
    return images.reshape(count, 1, 28, 28), torch.arange(count) % 10


def picture_data(count):
    images = (torch.arange(count * 180 * 180 * 3) * 7919 % 256).float().reshape(count, 180, 180, 3)
    return images.permute(0, 3, 1, 2), (torch.arange(count) % 2).float().reshape(count, 1)


def training(model, data, batch_size, low, learning_rate=1e-3):
    model = model.to(DEVICE, memory_format=torch.channels_last)
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.RMSprop(trained, lr=learning_rate, alpha=0.9, eps=1e-7)
    images, labels = data
    binary = labels.is_floating_point()
    loss_of = nn.BCEWithLogitsLoss() if binary else nn.CrossEntropyLoss()

    def run():
        model.train()
        total_loss = correct = 0
        order = torch.randperm(len(images))
        for rows in order.split(batch_size):
            x = images[rows].contiguous(memory_format=torch.channels_last).to(DEVICE)
            y = labels[rows].to(DEVICE)
            with torch.autocast(DEVICE, torch.bfloat16, enabled=low):
                logits = model(x)
            logits = logits.float()
            loss = loss_of(logits, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total_loss += loss.detach()
            correct += ((logits > 0) == (y > 0.5) if binary else logits.argmax(1) == y).sum()
        print(f"loss {total_loss / len(order):.4f}, correct {correct / len(order):.4f}")
        return len(images) / batch_size

    return run


def features(low, scale):
    model = nn.Sequential(*vgg_trunk()).to(DEVICE, memory_format=torch.channels_last).eval()
    images = picture_data(64 * scale)[0]

    def run():
        with torch.inference_mode(), torch.autocast(DEVICE, torch.bfloat16, enabled=low):
            for start in range(0, len(images), 32):
                batch = images[start : start + 32].contiguous(memory_format=torch.channels_last)
                model(batch.to(DEVICE)).cpu()
        return len(images)

    return run


WORKLOADS = {
    "mnist": lambda low, scale: training(digit_model(), digit_data(12_800 * scale), 64, low),
    "pictures": lambda low, scale: training(picture_model(), picture_data(320 * scale), 32, low),
    "features": features,
    "finetune": lambda low, scale: training(fine_tuned_model(), picture_data(64 * scale), 32, low, 1e-5),
}


def main():
    name, mode, scale = sys.argv[1:4]
    torch.manual_seed(1)
    serve(WORKLOADS[name](mode == "torch-bfloat16", int(scale)))


main()
