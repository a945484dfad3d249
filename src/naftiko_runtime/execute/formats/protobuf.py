"""Protocol Buffers; needs the extra `protobuf`."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from naftiko_runtime.execute.formats.format import (
    Decoder,
    FormatInvalid,
    FormatOptions,
    invalid,
    schema_file,
)
from naftiko_runtime.values import Json

_NAME: Final = "Protocol Buffers"


def protobuf_decoder(options: FormatOptions) -> Decoder:
    """Return the decoder of the first message of a `.proto` file.

    Messages become what the ProtoJSON format says, under the names that fields have in the file;
    fields that are not sent have their default values.

    Raises:
        FormatInvalid: There is no schema, or it can't be compiled, or has no message.
    """
    parse = _parser(schema_file(options, _NAME))
    to_dict: Callable[..., Json] = import_module("google.protobuf.json_format").MessageToDict

    def decode(body: bytes, _: str | None) -> Json:
        try:
            return to_dict(
                parse(body),
                preserving_proto_field_name=True,
                always_print_fields_with_no_presence=True,
            )
        except Exception as error:
            raise invalid(_NAME, "it does not follow its schema") from error

    return decode


def _parser(file: Path) -> Callable[[bytes], object]:
    """Return what parses the first message that a file declares."""
    protobuf = "google.protobuf"
    descriptors = import_module(f"{protobuf}.descriptor_pb2").FileDescriptorSet
    files = descriptors.FromString(_compiled(file)).file
    pool = import_module(f"{protobuf}.descriptor_pool").DescriptorPool()
    for one in files:
        pool.AddSerializedFile(one.SerializeToString())
    declared = files[-1]
    if not declared.message_type:
        raise FormatInvalid(f"the schema {file} has no message")
    name = ".".join(filter(None, (declared.package, declared.message_type[0].name)))
    message = pool.FindMessageTypeByName(name)
    parse: Callable[[bytes], object]
    parse = import_module(f"{protobuf}.message_factory").GetMessageClass(message).FromString
    return parse


def _compiled(file: Path) -> bytes:
    """Return the descriptors of a file and of what it imports; protoc reports to stderr itself."""
    tools = import_module("grpc_tools")
    compile_: Callable[[list[str]], int] = import_module("grpc_tools.protoc").main
    well_known = Path(str(tools.__file__)).parent / "_proto"
    with TemporaryDirectory() as folder:
        compiled = Path(folder) / "descriptors"
        flags = ["--include_imports", f"--descriptor_set_out={compiled}"]
        paths = [f"-I{file.parent}", f"-I{well_known}"]
        if compile_(["protoc", *flags, *paths, str(file)]) != 0:
            raise FormatInvalid(f"the schema {file} can't be compiled")
        return compiled.read_bytes()
