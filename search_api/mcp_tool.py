"""A tool of the server for assistants that takes only what it names, within bounds, and says in a sentence what it refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase
from mcp.types import ToolAnnotations
from pydantic import ValidationError, create_model

from crawler.reasons import fault_reason


class StrictTool(Tool):
    """A tool whose unknown arguments are refused, as its schema says. A crash of a native library ends the call, never the process."""

    @classmethod
    def of(cls, function: Callable[..., Any], annotations: ToolAnnotations) -> Self:
        """The tool of a function: name, description and parameters are the function's own."""
        tool = cls.from_function(function, annotations=annotations)
        arguments = tool.fn_metadata.arg_model
        tool.fn_metadata.arg_model = _strict(arguments)
        tool.parameters = tool.fn_metadata.arg_model.model_json_schema(by_alias=True)
        assert isinstance(tool, cls)
        return tool

    async def run(self, arguments: dict[str, Any], context: Any, convert_result: bool = False) -> Any:
        """Raises ToolError, with the reason of each argument that is refused."""
        try:
            return await super().run(arguments, context, convert_result)
        except ToolError as error:
            if not isinstance(refused := error.__cause__, ValidationError):
                raise
            told = "；".join(
                f"{'.'.join(str(part)[:40] for part in fault['loc'])}：{fault_reason(fault)}"
                for fault in refused.errors()[:5]
            )
            raise ToolError(told) from refused
        except BaseException as error:
            # A panic of Rust is no Exception: it would end the server for everybody.
            if type(error).__module__ == "pyo3_runtime":
                raise UnexpectedToolError(f"{self.name}：内部错误，已记入日志。") from error
            raise


def _strict(arguments: type[ArgModelBase]) -> type[ArgModelBase]:
    return create_model(arguments.__name__, __base__=arguments, __cls_kwargs__={"extra": "forbid"})
