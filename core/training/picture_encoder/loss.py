"""What the picture encoder is trained to do.

Four losses are added: each picture's vector tells its caption from all others (cross-entropy over
the whole pool, as in CLIP's contrastive loss, Radford et al. 2021, arXiv:2103.00020, but with every
caption in place of a batch's, and with soft targets, so that captions that mean the same are not
told apart); it lies near the caption's vector itself; and the features foresee the teacher's
(Hinton et al. 2015, arXiv:1503.02531). A fourth speeds the start: captions lie so near each other
that at first they hardly pull the features apart, so a free classifier of captions, dropped after
training, does that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.spaces.encoders.minilm_picture_network import WIDTHS, PictureNetwork
from core.training.picture_encoder.batches import Batch
from core.training.picture_encoder.captions import TEMPLATES, CaptionPool
from core.training.picture_encoder.teacher import DIM as TEACHER_DIM

SOFTNESS = 0.03  # of the targets: a caption at cosine 0.9 counts 4 % of the picture's own
NEARNESS_WEIGHT = 3.0
TEACHER_WEIGHT = 2.0
FREE_WEIGHT = 1.0
MAX_SCALE = 60.0


@dataclass(frozen=True, slots=True)
class Texts:
    """The pool as tensors: ``vectors`` ``(templates, n, DIM)``, ``targets`` ``(n, DIM)``."""

    vectors: Tensor
    targets: Tensor


def as_texts(pool: CaptionPool) -> Texts:
    """A pool's vectors for training."""
    return Texts(torch.from_numpy(pool.vectors), torch.from_numpy(pool.targets))


class Student(nn.Module):
    """The network with what only training needs: the teacher's head, and the scale of scores."""

    def __init__(self, captions: int) -> None:
        super().__init__()
        self.network = PictureNetwork(folded=False)
        self.free = nn.Linear(WIDTHS[-1], captions)
        self.to_teacher = nn.Linear(WIDTHS[-1], TEACHER_DIM)
        self.log_scale = nn.Parameter(torch.tensor(math.log(20.0)))

    def loss(self, batch: Batch, texts: Texts, number: int) -> tuple[Tensor, Tensor]:
        """The loss of a batch, a number, and how well each picture told its caption, ``(n,)``.

        ``number``, the batch's, chooses the template.
        """
        features = self.network.features(batch.pixels)
        vectors = F.normalize(self.network.head(features), dim=1)
        own = texts.targets[batch.captions]
        # One time in seven the columns are the targets themselves, keywords included.
        at = number % (len(TEMPLATES) + 1)
        columns = texts.targets if at == len(TEMPLATES) else texts.vectors[at]
        plain = texts.vectors[0]
        soft = ((plain[batch.captions] @ plain.T - 1) / SOFTNESS).softmax(1)
        scale = self.log_scale.exp().clamp(max=MAX_SCALE)
        tell = F.cross_entropy(scale * vectors @ columns.T, soft, reduction="none")
        free = F.cross_entropy(self.free(features), soft)
        near = 1 - (vectors * own).sum(1).mean()
        foreseen = F.normalize(self.to_teacher(features), dim=1)
        seen = batch.teacher.any(1)
        agree = (1 - (foreseen * batch.teacher).sum(1))[seen].mean() if seen.any() else 0.0
        total = tell.mean() + FREE_WEIGHT * free + NEARNESS_WEIGHT * near + TEACHER_WEIGHT * agree
        return total, tell.detach()
