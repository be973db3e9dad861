import llama_cpp
import pytest
from protocol import DataError, SpecError


def test_file_types_are_known_by_llama_cpps_names():
    assert llama_cpp.file_type("Q4_K_M") == "q4_k_m" and llama_cpp.file_type("q5_k") == "q5_k_m"
    with pytest.raises(SpecError, match="did you mean 'q4_k_m'"):
        llama_cpp.file_type("q4km")
    with pytest.raises(SpecError, match="importance matrix"):
        llama_cpp.file_type("iq1_s")


def test_a_file_that_is_no_gguf_is_refused(tmp_path, library):
    file = tmp_path / "model.gguf"
    file.write_bytes(b"PK\x03\x04 a zip archive, renamed")
    with pytest.raises(DataError, match="not a GGUF file: it begins with b'PK"):
        llama_cpp.quantize(library, file, tmp_path / "out.gguf", "q4_k_m")
    assert [p.name for p in tmp_path.iterdir()] == ["model.gguf"]


def test_the_librarys_defaults_are_those_of_its_source(library):
    params = llama_cpp.default_params(llama_cpp.load_library(library))
    assert params.ftype == llama_cpp.FILE_TYPES["q8_0"]


def test_every_name_is_that_of_its_header(llama_header):
    import re

    known = {name.lower().removeprefix("mostly_").removeprefix("all_"): int(number) for name, number in re.findall(r"^\s*LLAMA_FTYPE_(\w+)\s*=\s*(\d+)", llama_header, re.M)}
    assert {name: number for name, number in llama_cpp.FILE_TYPES.items() if known.get(name) != number} == {}
