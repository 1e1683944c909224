"""A GGUF file into a Hugging Face folder: weights dequantised, tokenizer rebuilt.

transformers' own GGUF tokenizer conversion takes every ``llama`` file for a SentencePiece one and turns each space of a
byte-level vocabulary into the unknown token, so the tokenizer is built here from the file's own vocabulary and merges.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import ModelError
from lm.models.int8_weights import round_to_int8

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_DIGIT_SPLITTING = {"smollm", "starcoder", "refact", "command-r"}
_CONTROL_TOKEN = 3


def convert_gguf(file: Path, folder: Path) -> None:
    """Write ``config.json``, ``model.safetensors`` (float32) and the tokenizer of ``file`` into ``folder``.

    The weights are rounded to what the int8 export holds, so that training and serving see the same ones. Raises
    ``ModelError`` where the file's tokenizer is not byte-level BPE.
    """
    import torch
    from transformers import AutoModelForCausalLM, LlamaForCausalLM

    loaded = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name)
    fresh = LlamaForCausalLM(loaded.config)  # save_pretrained refuses a model that was loaded from GGUF
    fresh.load_state_dict(loaded.state_dict())
    fresh.tie_weights()
    with torch.no_grad():
        for weight in fresh.parameters():
            if weight.dim() == 2:
                weight.copy_(round_to_int8(weight.float()))
    fresh.to(torch.float32).save_pretrained(folder)
    save_tokenizer(file, folder)


def save_tokenizer(file: Path, folder: Path) -> None:
    """Build the byte-level BPE tokenizer that ``file`` describes and save it with its chat template."""
    from gguf import GGUFReader
    from transformers import PreTrainedTokenizerFast

    fields = {
        key: field.contents() for key, field in GGUFReader(str(file)).fields.items() if key.startswith("tokenizer.")
    }
    if fields.get("tokenizer.ggml.model") != "gpt2":
        raise ModelError(f"{file.name}: its tokenizer is not byte-level BPE", mend="use a model in safetensors format")
    tokens: list[str] = fields["tokenizer.ggml.tokens"]

    def special(kind: str) -> str:
        place: int = fields[f"tokenizer.ggml.{kind}_token_id"]
        return tokens[place]

    fast = PreTrainedTokenizerFast(
        tokenizer_object=_byte_level_bpe(
            tokens,
            fields["tokenizer.ggml.merges"],
            fields["tokenizer.ggml.token_type"],
            split_digits=fields.get("tokenizer.ggml.pre") in _DIGIT_SPLITTING,
        ),
        bos_token=special("bos"),
        eos_token=special("eos"),
        unk_token=special("unknown"),
        pad_token=special("padding"),
        clean_up_tokenization_spaces=False,
    )
    fast.chat_template = fields["tokenizer.chat_template"]
    fast.save_pretrained(folder)


def _byte_level_bpe(
    tokens: Sequence[str], merges: Sequence[str], kinds: Sequence[int], *, split_digits: bool
) -> Tokenizer:
    """``kinds``: the type of each token; ``split_digits``: is each digit a token of its own?"""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    pairs = [tuple(merge.split(" ")) for merge in merges]
    bpe = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=pairs))
    splits = [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)]
    if split_digits:
        splits.insert(0, pre_tokenizers.Digits(individual_digits=True))
    bpe.pre_tokenizer = pre_tokenizers.Sequence(splits)
    bpe.decoder = decoders.ByteLevel()
    control = [t for t, kind in zip(tokens, kinds, strict=True) if kind == _CONTROL_TOKEN]
    bpe.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in control])
    return bpe
