"""`Design`: a design of any family, or a network."""

from __future__ import annotations

from cnnwidget.design.families.classifier import Classifier
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.design.families.generator import Generator
from cnnwidget.design.network import Network

Design = EncoderDecoder | Classifier | Generator | Network
