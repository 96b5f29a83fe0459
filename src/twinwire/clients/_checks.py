# Generated from spec/ by codegen. Do not edit: change the spec, then run `nox -s generate`.
# Written with datamodel-code-generator 0.89.0, ruff 0.17.5.

"""What the spec says of arguments, as tables for `twinwire._client.checks`. Loaded with the first call."""

from __future__ import annotations

from twinwire._client.checks import Checks
from twinwire._client.rules import Rule, Shape

BOOLEAN_OR_NULL = Rule("boolean", "null")
INTEGER = Rule("integer")
INTEGER_OR_NULL = Rule("integer", "null")
MAPPING = Rule("mapping")
MAPPING_OR_NULL = Rule("mapping", "null")
NUMBER = Rule("number")
NUMBER_OR_NULL = Rule("number", "null")
STRING = Rule("string")
STRING_OR_NULL = Rule("string", "null")
STRING_OR_NUMBER_OR_NULL = Rule("string", "number", "null")

SHAPES: dict[str, Shape] = {
    "AdvisorServerToolConfigParam": Shape(
        properties={
            "forward_transcript": BOOLEAN_OR_NULL,
            "instructions": STRING_OR_NULL,
            "max_completion_tokens": INTEGER_OR_NULL,
            "model": STRING_OR_NULL,
            "name": Rule("string", "null", min_length=1, max_length=64),
            "reasoning": Rule("mapping", "null", shape="ServerToolReasoningParam"),
            "stream": BOOLEAN_OR_NULL,
            "temperature": NUMBER_OR_NULL,
        }
    ),
    "AdvisorServerToolParam": Shape(
        required=("type",),
        properties={
            "parameters": Rule("mapping", "null", shape="AdvisorServerToolConfigParam"),
            "type": STRING,
        },
    ),
    "AlignmentPluginParam": Shape(
        required=(
            "id",
            "rules",
        ),
        properties={
            "id": STRING,
            "instruct": BOOLEAN_OR_NULL,
            "max_retries": INTEGER_OR_NULL,
            "mode": STRING_OR_NULL,
            "rules": Rule("list", items=Rule("mapping", shape="AlignmentRuleParam")),
            "threshold": NUMBER_OR_NULL,
        },
    ),
    "AlignmentRuleParam": Shape(
        required=(
            "rule",
            "watch",
        ),
        properties={
            "rule": STRING,
            "watch": Rule("list", items=STRING),
        },
    ),
    "ApproximateLocationParam": Shape(
        properties={
            "city": STRING_OR_NULL,
            "country": STRING_OR_NULL,
            "region": STRING_OR_NULL,
            "timezone": STRING_OR_NULL,
        }
    ),
    "ArmorAutoModeParam": Shape(
        properties={
            "allow": Rule("list", "null", items=Rule("string", "mapping", shape="ArmorRuleParam")),
            "environment": Rule("list", "null", items=Rule("string", "mapping", shape="ArmorEnvironmentEntryParam")),
            "hard_deny": Rule("list", "null", items=Rule("string", "mapping", shape="ArmorRuleParam")),
            "soft_deny": Rule("list", "null", items=Rule("string", "mapping", shape="ArmorRuleParam")),
        }
    ),
    "ArmorContextParam": Shape(
        required=("v",),
        properties={
            "auto_mode": Rule("mapping", "null", shape="ArmorAutoModeParam"),
            "v": NUMBER,
        },
    ),
    "ArmorEnvironmentEntryParam": Shape(
        required=(
            "name",
            "value",
        ),
        properties={
            "name": STRING,
            "value": STRING,
        },
    ),
    "ArmorPluginParam": Shape(
        required=("id",),
        properties={
            "classifier_context": Rule("mapping", "null", shape="ArmorContextParam"),
            "enabled": BOOLEAN_OR_NULL,
            "evaluate_native_tools": BOOLEAN_OR_NULL,
            "id": STRING,
            "mode": STRING_OR_NULL,
            "on_error": STRING_OR_NULL,
            "output_mode": STRING_OR_NULL,
            "use_cc_style_default_rules": BOOLEAN_OR_NULL,
        },
    ),
    "ArmorRuleParam": Shape(
        required=(
            "id",
            "instructions",
        ),
        properties={
            "id": STRING,
            "instructions": STRING,
            "name": STRING_OR_NULL,
            "threshold": NUMBER_OR_NULL,
        },
    ),
    "AssistantAudioParam": Shape(
        properties={
            "data": STRING_OR_NULL,
            "expires_at": INTEGER_OR_NULL,
            "id": STRING_OR_NULL,
            "transcript": STRING_OR_NULL,
        }
    ),
    "AssistantImageParam": Shape(
        required=("image_url",),
        properties={
            "image_url": Rule("mapping", shape="AssistantImageURLParam"),
        },
    ),
    "AssistantImageURLParam": Shape(
        required=("url",),
        properties={
            "url": STRING,
        },
    ),
    "AutoBetaRouterPluginParam": Shape(
        required=("id",),
        properties={
            "allowed_models": Rule("list", "null", max_items=1024, items=Rule("string", max_length=1024)),
            "cost_quality_tradeoff": Rule("integer", "null", minimum=0, maximum=10),
            "cost_tier": STRING_OR_NULL,
            "enabled": BOOLEAN_OR_NULL,
            "excluded_models": Rule("list", "null", max_items=1024, items=Rule("string", max_length=1024)),
            "id": STRING,
        },
    ),
    "AutoRouterPluginParam": Shape(
        required=("id",),
        properties={
            "allowed_models": Rule("list", "null", max_items=1024, items=Rule("string", max_length=1024)),
            "cost_quality_tradeoff": Rule("integer", "null", minimum=0, maximum=10),
            "cost_tier": STRING_OR_NULL,
            "enabled": BOOLEAN_OR_NULL,
            "excluded_models": Rule("list", "null", max_items=1024, items=Rule("string", max_length=1024)),
            "id": STRING,
            "pin_model": BOOLEAN_OR_NULL,
        },
    ),
    "BashServerToolConfigParam": Shape(
        properties={
            "engine": STRING_OR_NULL,
            "environment": Rule(
                "mapping",
                "null",
                tag="type",
                shapes={
                    "container_auto": "ContainerAutoEnvironmentParam",
                    "container_reference": "ContainerReferenceEnvironmentParam",
                },
            ),
            "sleep_after_seconds": INTEGER_OR_NULL,
        }
    ),
    "BashServerToolParam": Shape(
        required=("type",),
        properties={
            "parameters": Rule("mapping", "null", shape="BashServerToolConfigParam"),
            "type": STRING,
        },
    ),
    "CacheControlParam": Shape(
        required=("type",),
        properties={
            "ttl": STRING_OR_NULL,
            "type": STRING,
        },
    ),
    "ChatCompletionAllowedToolChoiceParam": Shape(
        required=(
            "type",
            "allowed_tools",
        ),
        properties={
            "allowed_tools": Rule("mapping", shape="ChatCompletionAllowedToolsParam"),
            "type": STRING,
        },
    ),
    "ChatCompletionAllowedToolsParam": Shape(
        required=(
            "mode",
            "tools",
        ),
        properties={
            "mode": STRING,
            "tools": Rule("list", items=MAPPING),
        },
    ),
    "ChatCompletionAssistantMessageParam": Shape(
        required=("role",),
        properties={
            "audio": Rule("mapping", "null", shape="AssistantAudioParam"),
            "content": Rule(
                "string",
                "list",
                "null",
                items=Rule(
                    "mapping",
                    tag="type",
                    shapes={
                        "file": "ChatCompletionContentPartFileParam",
                        "image_url": "ChatCompletionContentPartImageParam",
                        "input_audio": "ChatCompletionContentPartInputAudioParam",
                        "input_video": "ChatCompletionContentPartInputVideoParam",
                        "refusal": "ChatCompletionContentPartRefusalParam",
                        "text": "ChatCompletionContentPartTextParam",
                        "video_url": "ChatCompletionContentPartVideoParam",
                    },
                ),
            ),
            "function_call": Rule("mapping", "null", shape="FunctionCallParam"),
            "images": Rule("list", "null", items=Rule("mapping", shape="AssistantImageParam")),
            "model": STRING_OR_NULL,
            "name": STRING_OR_NULL,
            "reasoning": STRING_OR_NULL,
            "reasoning_details": Rule(
                "list",
                "null",
                items=Rule(
                    "mapping",
                    tag="type",
                    shapes={
                        "reasoning.encrypted": "ReasoningDetailEncryptedParam",
                        "reasoning.server_tool_call": "ReasoningDetailServerToolCallParam",
                        "reasoning.summary": "ReasoningDetailSummaryParam",
                        "reasoning.text": "ReasoningDetailTextParam",
                    },
                ),
            ),
            "refusal": STRING_OR_NULL,
            "role": STRING,
            "tool_calls": Rule(
                "list",
                "null",
                items=Rule(
                    "mapping",
                    tag="type",
                    shapes={
                        "custom": "ChatCompletionMessageCustomToolCallParam",
                        "function": "ChatCompletionMessageFunctionToolCallParam",
                    },
                ),
            ),
        },
    ),
    "ChatCompletionAudioParam": Shape(
        required=(
            "voice",
            "format",
        ),
        properties={
            "format": STRING,
            "voice": Rule("string", "mapping", shape="CustomVoiceParam"),
        },
    ),
    "ChatCompletionContentPartFileParam": Shape(
        required=(
            "type",
            "file",
        ),
        properties={
            "file": Rule("mapping", shape="FileParam"),
            "prompt_cache_breakpoint": Rule("mapping", "null", shape="PromptCacheBreakpointParam"),
            "type": STRING,
        },
    ),
    "ChatCompletionContentPartImageParam": Shape(
        required=(
            "type",
            "image_url",
        ),
        properties={
            "image_url": Rule("string", "mapping", shape="ImageURLParam"),
            "prompt_cache_breakpoint": Rule("mapping", "null", shape="PromptCacheBreakpointParam"),
            "type": STRING,
        },
    ),
    "ChatCompletionContentPartInputAudioParam": Shape(
        required=(
            "type",
            "input_audio",
        ),
        properties={
            "input_audio": Rule("mapping", shape="InputAudioParam"),
            "prompt_cache_breakpoint": Rule("mapping", "null", shape="PromptCacheBreakpointParam"),
            "type": STRING,
        },
    ),
    "ChatCompletionContentPartInputVideoParam": Shape(
        required=(
            "type",
            "video_url",
        ),
        properties={
            "type": STRING,
            "video_url": Rule("mapping", shape="VideoURLParam"),
        },
    ),
    "ChatCompletionContentPartRefusalParam": Shape(
        required=(
            "type",
            "refusal",
        ),
        properties={
            "refusal": STRING,
            "type": STRING,
        },
    ),
    "ChatCompletionContentPartTextParam": Shape(
        required=(
            "type",
            "text",
        ),
        properties={
            "cache_control": Rule("mapping", "null", tag="type", shapes={"ephemeral": "CacheControlParam"}),
            "prompt_cache_breakpoint": Rule("mapping", "null", shape="PromptCacheBreakpointParam"),
            "text": STRING,
            "type": STRING,
        },
    ),
    "ChatCompletionContentPartVideoParam": Shape(
        required=(
            "type",
            "video_url",
        ),
        properties={
            "type": STRING,
            "video_url": Rule("mapping", shape="VideoURLParam"),
        },
    ),
    "ChatCompletionCustomToolParam": Shape(
        required=(
            "type",
            "custom",
        ),
        properties={
            "custom": Rule("mapping", shape="CustomToolDefinitionParam"),
            "type": STRING,
        },
    ),
    "ChatCompletionDeveloperMessageParam": Shape(
        required=(
            "role",
            "content",
        ),
        properties={
            "configuration_update": Rule("mapping", "null", shape="ConfigurationUpdateParam"),
            "content": Rule(
                "string",
                "list",
                items=Rule("mapping", tag="type", shapes={"text": "ChatCompletionContentPartTextParam"}),
            ),
            "name": STRING_OR_NULL,
            "role": STRING,
        },
    ),
    "ChatCompletionFunctionCallOptionParam": Shape(
        required=("name",),
        properties={
            "name": STRING,
        },
    ),
    "ChatCompletionFunctionMessageParam": Shape(
        required=(
            "role",
            "content",
            "name",
        ),
        properties={
            "content": STRING_OR_NULL,
            "name": STRING,
            "role": STRING,
        },
    ),
    "ChatCompletionMessageCustomToolCallParam": Shape(
        required=(
            "id",
            "type",
            "custom",
        ),
        properties={
            "custom": Rule("mapping", shape="CustomToolCallParam"),
            "id": STRING,
            "type": STRING,
        },
    ),
    "ChatCompletionMessageFunctionToolCallParam": Shape(
        required=(
            "id",
            "type",
            "function",
        ),
        properties={
            "function": Rule("mapping", shape="FunctionCallParam"),
            "id": STRING,
            "type": STRING,
        },
    ),
    "ChatCompletionNamedToolChoiceCustomParam": Shape(
        required=(
            "type",
            "custom",
        ),
        properties={
            "custom": Rule("mapping", shape="ToolChoiceNameParam"),
            "type": STRING,
        },
    ),
    "ChatCompletionNamedToolChoiceParam": Shape(
        required=(
            "type",
            "function",
        ),
        properties={
            "function": Rule("mapping", shape="ToolChoiceNameParam"),
            "type": STRING,
        },
    ),
    "ChatCompletionPredictionContentParam": Shape(
        required=(
            "type",
            "content",
        ),
        properties={
            "content": Rule(
                "string",
                "list",
                items=Rule("mapping", tag="type", shapes={"text": "ChatCompletionContentPartTextParam"}),
            ),
            "type": STRING,
        },
    ),
    "ChatCompletionServerToolChoiceParam": Shape(
        required=("type",),
        properties={
            "type": STRING,
        },
    ),
    "ChatCompletionStreamOptionsParam": Shape(
        properties={
            "include_obfuscation": BOOLEAN_OR_NULL,
            "include_usage": BOOLEAN_OR_NULL,
        }
    ),
    "ChatCompletionSystemMessageParam": Shape(
        required=(
            "role",
            "content",
        ),
        properties={
            "configuration_update": Rule("mapping", "null", shape="ConfigurationUpdateParam"),
            "content": Rule(
                "string",
                "list",
                items=Rule("mapping", tag="type", shapes={"text": "ChatCompletionContentPartTextParam"}),
            ),
            "name": STRING_OR_NULL,
            "role": STRING,
        },
    ),
    "ChatCompletionToolMessageParam": Shape(
        required=(
            "role",
            "content",
            "tool_call_id",
        ),
        properties={
            "content": Rule(
                "string",
                "list",
                items=Rule(
                    "mapping",
                    tag="type",
                    shapes={
                        "file": "ChatCompletionContentPartFileParam",
                        "image_url": "ChatCompletionContentPartImageParam",
                        "input_audio": "ChatCompletionContentPartInputAudioParam",
                        "input_video": "ChatCompletionContentPartInputVideoParam",
                        "text": "ChatCompletionContentPartTextParam",
                        "video_url": "ChatCompletionContentPartVideoParam",
                    },
                ),
            ),
            "name": STRING_OR_NULL,
            "role": STRING,
            "tool_call_id": STRING,
        },
    ),
    "ChatCompletionToolParam": Shape(
        required=(
            "type",
            "function",
        ),
        properties={
            "cache_control": Rule("mapping", "null", tag="type", shapes={"ephemeral": "CacheControlParam"}),
            "defer_loading": BOOLEAN_OR_NULL,
            "function": Rule("mapping", shape="FunctionDefinitionParam"),
            "type": STRING,
        },
    ),
    "ChatCompletionUserMessageParam": Shape(
        required=(
            "role",
            "content",
        ),
        properties={
            "content": Rule(
                "string",
                "list",
                items=Rule(
                    "mapping",
                    tag="type",
                    shapes={
                        "file": "ChatCompletionContentPartFileParam",
                        "image_url": "ChatCompletionContentPartImageParam",
                        "input_audio": "ChatCompletionContentPartInputAudioParam",
                        "input_video": "ChatCompletionContentPartInputVideoParam",
                        "text": "ChatCompletionContentPartTextParam",
                        "video_url": "ChatCompletionContentPartVideoParam",
                    },
                ),
            ),
            "name": STRING_OR_NULL,
            "role": STRING,
        },
    ),
    "ConfigurationUpdateParam": Shape(
        required=("reasoning",),
        properties={
            "reasoning": Rule("mapping", shape="ConfigurationUpdateReasoningParam"),
        },
    ),
    "ConfigurationUpdateReasoningParam": Shape(
        required=("effort",),
        properties={
            "effort": STRING,
        },
    ),
    "ContainerAutoEnvironmentParam": Shape(
        required=("type",),
        properties={
            "file_ids": Rule("list", "null", max_items=20, items=STRING),
            "network_policy": Rule(
                "mapping",
                "null",
                tag="type",
                shapes={
                    "allowlist": "ContainerNetworkPolicyAllowlistParam",
                    "disabled": "ContainerNetworkPolicyDisabledParam",
                },
            ),
            "type": STRING,
        },
    ),
    "ContainerNetworkPolicyAllowlistParam": Shape(
        required=(
            "type",
            "allowed_domains",
        ),
        properties={
            "allowed_domains": Rule("list", max_items=50, items=STRING),
            "type": STRING,
        },
    ),
    "ContainerNetworkPolicyDisabledParam": Shape(
        required=("type",),
        properties={
            "type": STRING,
        },
    ),
    "ContainerReferenceEnvironmentParam": Shape(
        required=(
            "type",
            "container_id",
        ),
        properties={
            "container_id": Rule("string", min_length=1, max_length=40),
            "file_ids": Rule("list", "null", max_items=20, items=STRING),
            "network_policy": Rule(
                "mapping",
                "null",
                tag="type",
                shapes={
                    "allowlist": "ContainerNetworkPolicyAllowlistParam",
                    "disabled": "ContainerNetworkPolicyDisabledParam",
                },
            ),
            "type": STRING,
        },
    ),
    "ContextCompressionPluginParam": Shape(
        required=("id",),
        properties={
            "enabled": BOOLEAN_OR_NULL,
            "engine": STRING_OR_NULL,
            "id": STRING,
        },
    ),
    "CustomToolCallParam": Shape(
        required=(
            "name",
            "input",
        ),
        properties={
            "input": STRING,
            "name": STRING,
        },
    ),
    "CustomToolDefinitionParam": Shape(
        required=("name",),
        properties={
            "description": STRING_OR_NULL,
            "format": Rule(
                "mapping",
                "null",
                tag="type",
                shapes={"grammar": "CustomToolFormatGrammarParam", "text": "CustomToolFormatTextParam"},
            ),
            "name": STRING,
        },
    ),
    "CustomToolFormatGrammarParam": Shape(
        required=(
            "type",
            "grammar",
        ),
        properties={
            "grammar": Rule("mapping", shape="CustomToolGrammarParam"),
            "type": STRING,
        },
    ),
    "CustomToolFormatTextParam": Shape(
        required=("type",),
        properties={
            "type": STRING,
        },
    ),
    "CustomToolGrammarParam": Shape(
        required=(
            "syntax",
            "definition",
        ),
        properties={
            "definition": STRING,
            "syntax": STRING,
        },
    ),
    "CustomVoiceParam": Shape(
        required=("id",),
        properties={
            "id": STRING,
        },
    ),
    "DatetimeServerToolConfigParam": Shape(
        properties={
            "timezone": STRING_OR_NULL,
        }
    ),
    "DatetimeServerToolParam": Shape(
        required=("type",),
        properties={
            "parameters": Rule("mapping", "null", shape="DatetimeServerToolConfigParam"),
            "type": STRING,
        },
    ),
    "DebugOptionsParam": Shape(
        properties={
            "echo_upstream_body": BOOLEAN_OR_NULL,
        }
    ),
    "DeferredBM25SearchParam": Shape(
        required=("type",),
        properties={
            "max_results": INTEGER_OR_NULL,
            "type": STRING,
        },
    ),
    "DeferredCustomSearchParam": Shape(
        required=(
            "type",
            "tool_id",
            "result_key",
        ),
        properties={
            "max_results": INTEGER_OR_NULL,
            "result_key": STRING,
            "tool_id": STRING,
            "type": STRING,
        },
    ),
    "DeferredRegexSearchParam": Shape(
        required=("type",),
        properties={
            "max_results": INTEGER_OR_NULL,
            "type": STRING,
        },
    ),
    "DeferredToolsControlParam": Shape(
        required=(
            "protocol",
            "profile",
            "validation",
            "search",
        ),
        properties={
            "profile": STRING,
            "protocol": STRING,
            "search": Rule(
                "mapping",
                tag="type",
                shapes={
                    "bm25": "DeferredBM25SearchParam",
                    "custom": "DeferredCustomSearchParam",
                    "regex": "DeferredRegexSearchParam",
                },
            ),
            "validation": STRING,
        },
    ),
    "EmbeddingAudioPartParam": Shape(
        required=(
            "type",
            "input_audio",
        ),
        properties={
            "input_audio": Rule("mapping", shape="EmbeddingMediaParam"),
            "type": STRING,
        },
    ),
    "EmbeddingFilePartParam": Shape(
        required=(
            "type",
            "input_file",
        ),
        properties={
            "input_file": Rule("mapping", shape="EmbeddingMediaParam"),
            "type": STRING,
        },
    ),
    "EmbeddingImagePartParam": Shape(
        required=(
            "type",
            "image_url",
        ),
        properties={
            "image_url": Rule("mapping", shape="EmbeddingImageURLParam"),
            "type": STRING,
        },
    ),
    "EmbeddingImageURLParam": Shape(
        required=("url",),
        properties={
            "url": STRING,
        },
    ),
    "EmbeddingInputParam": Shape(
        required=("content",),
        properties={
            "content": Rule(
                "list",
                min_items=1,
                items=Rule(
                    "mapping",
                    tag="type",
                    shapes={
                        "image_url": "EmbeddingImagePartParam",
                        "input_audio": "EmbeddingAudioPartParam",
                        "input_file": "EmbeddingFilePartParam",
                        "input_video": "EmbeddingVideoPartParam",
                        "text": "EmbeddingTextPartParam",
                    },
                ),
            ),
        },
    ),
    "EmbeddingMediaParam": Shape(
        required=("data",),
        properties={
            "data": STRING,
            "format": STRING_OR_NULL,
        },
    ),
    "EmbeddingTextPartParam": Shape(
        required=(
            "type",
            "text",
        ),
        properties={
            "text": Rule("string", min_length=1),
            "type": STRING,
        },
    ),
    "EmbeddingVideoPartParam": Shape(
        required=(
            "type",
            "input_video",
        ),
        properties={
            "input_video": Rule("mapping", shape="EmbeddingMediaParam"),
            "type": STRING,
        },
    ),
    "FileParam": Shape(
        properties={
            "file_data": STRING_OR_NULL,
            "file_id": STRING_OR_NULL,
            "filename": STRING_OR_NULL,
        }
    ),
    "FileParserPluginParam": Shape(
        required=("id",),
        properties={
            "enabled": BOOLEAN_OR_NULL,
            "id": STRING,
            "pdf": Rule("mapping", "null", shape="PDFParserOptionsParam"),
        },
    ),
    "FilesServerToolParam": Shape(
        required=("type",),
        properties={
            "parameters": MAPPING_OR_NULL,
            "type": STRING,
        },
    ),
    "FunctionCallParam": Shape(
        required=(
            "name",
            "arguments",
        ),
        properties={
            "arguments": STRING,
            "name": STRING,
        },
    ),
    "FunctionDefinitionParam": Shape(
        required=("name",),
        properties={
            "defer_loading": BOOLEAN_OR_NULL,
            "description": STRING_OR_NULL,
            "name": Rule("string", max_length=64),
            "parameters": MAPPING_OR_NULL,
            "strict": BOOLEAN_OR_NULL,
        },
    ),
    "FusionPluginParam": Shape(
        required=("id",),
        properties={
            "analysis_models": Rule("list", "null", min_items=1, max_items=8, items=STRING),
            "enabled": BOOLEAN_OR_NULL,
            "id": STRING,
            "max_tool_calls": Rule("integer", "null", minimum=1, maximum=16),
            "model": STRING_OR_NULL,
            "preset": STRING_OR_NULL,
            "tools": Rule("list", "null", max_items=8, items=Rule("mapping", shape="ServerToolReferenceParam")),
        },
    ),
    "FusionServerToolConfigParam": Shape(
        properties={
            "analysis_models": Rule("list", "null", min_items=1, max_items=8, items=STRING),
            "cache_control": Rule("mapping", "null", tag="type", shapes={"ephemeral": "CacheControlParam"}),
            "max_completion_tokens": INTEGER_OR_NULL,
            "max_tool_calls": Rule("integer", "null", minimum=1, maximum=16),
            "model": STRING_OR_NULL,
            "reasoning": Rule("mapping", "null", shape="ServerToolReasoningParam"),
            "temperature": NUMBER_OR_NULL,
            "tools": Rule("list", "null", max_items=8, items=Rule("mapping", shape="ServerToolReferenceParam")),
        }
    ),
    "FusionServerToolParam": Shape(
        required=("type",),
        properties={
            "parameters": Rule("mapping", "null", shape="FusionServerToolConfigParam"),
            "type": STRING,
        },
    ),
    "ImageGenerationServerToolConfigParam": Shape(
        properties={
            "model": STRING_OR_NULL,
        }
    ),
    "ImageGenerationServerToolParam": Shape(
        required=("type",),
        properties={
            "parameters": Rule("mapping", "null", shape="ImageGenerationServerToolConfigParam"),
            "type": STRING,
        },
    ),
    "ImageURLParam": Shape(
        required=("url",),
        properties={
            "detail": STRING_OR_NULL,
            "url": STRING,
        },
    ),
    "InputAudioParam": Shape(
        required=(
            "data",
            "format",
        ),
        properties={
            "data": STRING,
            "format": STRING,
        },
    ),
    "JSONSchemaFormatParam": Shape(
        required=("name",),
        properties={
            "description": STRING_OR_NULL,
            "name": Rule("string", max_length=64),
            "schema": MAPPING_OR_NULL,
            "strict": BOOLEAN_OR_NULL,
        },
    ),
    "JevRouterPluginParam": Shape(
        required=("id",),
        properties={
            "allowed_models": Rule("list", "null", items=STRING),
            "cost_tier": STRING_OR_NULL,
            "excluded_models": Rule("list", "null", items=STRING),
            "id": STRING,
            "models": Rule("list", "null", items=STRING),
        },
    ),
    "LegacyFunctionParam": Shape(
        required=("name",),
        properties={
            "description": STRING_OR_NULL,
            "name": Rule("string", max_length=64),
            "parameters": MAPPING_OR_NULL,
        },
    ),
    "MaxPriceParam": Shape(
        properties={
            "audio": STRING_OR_NUMBER_OR_NULL,
            "completion": STRING_OR_NUMBER_OR_NULL,
            "image": STRING_OR_NUMBER_OR_NULL,
            "prompt": STRING_OR_NUMBER_OR_NULL,
            "request": STRING_OR_NUMBER_OR_NULL,
        }
    ),
    "ModerationConfigParam": Shape(
        required=("mode",),
        properties={
            "mode": STRING,
        },
    ),
    "ModerationParam": Shape(
        required=("model",),
        properties={
            "model": STRING,
            "policy": Rule("mapping", "null", shape="ModerationPolicyParam"),
        },
    ),
    "ModerationPluginParam": Shape(
        required=("id",),
        properties={
            "id": STRING,
        },
    ),
    "ModerationPolicyParam": Shape(
        properties={
            "input": Rule("mapping", "null", shape="ModerationConfigParam"),
            "output": Rule("mapping", "null", shape="ModerationConfigParam"),
        }
    ),
    "PDFParserOptionsParam": Shape(
        properties={
            "engine": STRING_OR_NULL,
        }
    ),
    "ParetoRouterPluginParam": Shape(
        required=("id",),
        properties={
            "enabled": BOOLEAN_OR_NULL,
            "id": STRING,
            "max_price": Rule("number", "null", minimum=0),
            "min_coding_score": Rule("number", "null", minimum=0, maximum=1),
            "price_source": STRING_OR_NULL,
        },
    ),
    "PercentileCutoffsParam": Shape(
        properties={
            "p50": NUMBER_OR_NULL,
            "p75": NUMBER_OR_NULL,
            "p90": NUMBER_OR_NULL,
            "p99": NUMBER_OR_NULL,
        }
    ),
    "PromptCacheBreakpointParam": Shape(
        required=("mode",),
        properties={
            "mode": STRING,
            "ttl": STRING_OR_NULL,
        },
    ),
    "PromptCacheOptionsParam": Shape(
        properties={
            "mode": STRING_OR_NULL,
            "ttl": STRING_OR_NULL,
        }
    ),
    "ProviderPreferencesParam": Shape(
        properties={
            "allow_fallbacks": BOOLEAN_OR_NULL,
            "data_collection": STRING_OR_NULL,
            "enforce_distillable_text": BOOLEAN_OR_NULL,
            "ignore": Rule("list", "null", items=STRING),
            "max_price": Rule("mapping", "null", shape="MaxPriceParam"),
            "only": Rule("list", "null", items=STRING),
            "options": Rule("mapping", "null", values=MAPPING),
            "order": Rule("list", "null", items=STRING),
            "preferred_max_latency": Rule("number", "mapping", "null", shape="PercentileCutoffsParam"),
            "preferred_min_throughput": Rule("number", "mapping", "null", shape="PercentileCutoffsParam"),
            "quantizations": Rule("list", "null", items=STRING),
            "require_parameters": BOOLEAN_OR_NULL,
            "sort": Rule("string", "mapping", "null", shape="ProviderSortConfigParam"),
            "zdr": BOOLEAN_OR_NULL,
        }
    ),
    "ProviderSortConfigParam": Shape(
        properties={
            "by": STRING_OR_NULL,
            "partition": STRING_OR_NULL,
        }
    ),
    "ReasoningDetailEncryptedParam": Shape(
        required=(
            "type",
            "data",
        ),
        properties={
            "data": STRING,
            "format": STRING_OR_NULL,
            "id": STRING_OR_NULL,
            "index": INTEGER_OR_NULL,
            "type": STRING,
        },
    ),
    "ReasoningDetailServerToolCallParam": Shape(
        required=(
            "type",
            "tool_name",
            "arguments",
            "result",
        ),
        properties={
            "arguments": STRING,
            "format": STRING_OR_NULL,
            "id": STRING_OR_NULL,
            "index": INTEGER_OR_NULL,
            "result": STRING,
            "tool_call_id": STRING_OR_NULL,
            "tool_name": STRING,
            "type": STRING,
        },
    ),
    "ReasoningDetailSummaryParam": Shape(
        required=(
            "type",
            "summary",
        ),
        properties={
            "format": STRING_OR_NULL,
            "id": STRING_OR_NULL,
            "index": INTEGER_OR_NULL,
            "summary": STRING,
            "type": STRING,
        },
    ),
    "ReasoningDetailTextParam": Shape(
        required=("type",),
        properties={
            "format": STRING_OR_NULL,
            "id": STRING_OR_NULL,
            "index": INTEGER_OR_NULL,
            "signature": STRING_OR_NULL,
            "text": STRING_OR_NULL,
            "type": STRING,
        },
    ),
    "ReasoningParam": Shape(
        properties={
            "effort": STRING_OR_NULL,
            "enabled": BOOLEAN_OR_NULL,
            "exclude": BOOLEAN_OR_NULL,
            "max_tokens": INTEGER_OR_NULL,
            "summary": STRING_OR_NULL,
        }
    ),
    "ResponseFormatGrammarParam": Shape(
        required=(
            "type",
            "grammar",
        ),
        properties={
            "grammar": STRING,
            "type": STRING,
        },
    ),
    "ResponseFormatJSONObjectParam": Shape(
        required=("type",),
        properties={
            "type": STRING,
        },
    ),
    "ResponseFormatJSONSchemaParam": Shape(
        required=(
            "type",
            "json_schema",
        ),
        properties={
            "json_schema": Rule("mapping", shape="JSONSchemaFormatParam"),
            "type": STRING,
        },
    ),
    "ResponseFormatPythonParam": Shape(
        required=("type",),
        properties={
            "type": STRING,
        },
    ),
    "ResponseFormatTextParam": Shape(
        required=("type",),
        properties={
            "type": STRING,
        },
    ),
    "ResponseHealingPluginParam": Shape(
        required=("id",),
        properties={
            "enabled": BOOLEAN_OR_NULL,
            "id": STRING,
        },
    ),
    "SearchModelsServerToolConfigParam": Shape(
        properties={
            "max_results": INTEGER_OR_NULL,
        }
    ),
    "SearchModelsServerToolParam": Shape(
        required=("type",),
        properties={
            "parameters": Rule("mapping", "null", shape="SearchModelsServerToolConfigParam"),
            "type": STRING,
        },
    ),
    "ServerToolReasoningParam": Shape(
        properties={
            "effort": STRING_OR_NULL,
            "max_tokens": INTEGER_OR_NULL,
        }
    ),
    "ServerToolReferenceParam": Shape(
        required=("type",),
        properties={
            "parameters": MAPPING_OR_NULL,
            "type": STRING,
        },
    ),
    "StopServerToolsWhenFinishReasonIsParam": Shape(
        required=(
            "type",
            "reason",
        ),
        properties={
            "reason": Rule("string", min_length=1),
            "type": STRING,
        },
    ),
    "StopServerToolsWhenHasToolCallParam": Shape(
        required=(
            "type",
            "tool_name",
        ),
        properties={
            "tool_name": Rule("string", min_length=1),
            "type": STRING,
        },
    ),
    "StopServerToolsWhenMaxCostParam": Shape(
        required=(
            "type",
            "max_cost_in_dollars",
        ),
        properties={
            "max_cost_in_dollars": NUMBER,
            "type": STRING,
        },
    ),
    "StopServerToolsWhenMaxTokensUsedParam": Shape(
        required=(
            "type",
            "max_tokens",
        ),
        properties={
            "max_tokens": INTEGER,
            "type": STRING,
        },
    ),
    "StopServerToolsWhenStepCountIsParam": Shape(
        required=(
            "type",
            "step_count",
        ),
        properties={
            "step_count": INTEGER,
            "type": STRING,
        },
    ),
    "SubagentServerToolConfigParam": Shape(
        properties={
            "inherit_functions": BOOLEAN_OR_NULL,
            "inherited_function_names": Rule("list", "null", items=Rule("string", min_length=1)),
            "instructions": STRING_OR_NULL,
            "max_completion_tokens": INTEGER_OR_NULL,
            "max_tool_calls": Rule("integer", "null", minimum=1, maximum=25),
            "model": STRING_OR_NULL,
            "name": Rule("string", "null", min_length=1, max_length=64),
            "reasoning": Rule("mapping", "null", shape="ServerToolReasoningParam"),
            "temperature": NUMBER_OR_NULL,
            "tools": Rule("list", "null", items=Rule("mapping", shape="ServerToolReferenceParam")),
        }
    ),
    "SubagentServerToolParam": Shape(
        required=("type",),
        properties={
            "parameters": Rule("mapping", "null", shape="SubagentServerToolConfigParam"),
            "type": STRING,
        },
    ),
    "SwitchyardRouterPluginParam": Shape(
        required=("id",),
        properties={
            "algorithm": STRING_OR_NULL,
            "id": STRING,
            "judge_model": STRING_OR_NULL,
        },
    ),
    "ToolChoiceNameParam": Shape(
        required=("name",),
        properties={
            "name": STRING,
        },
    ),
    "TraceConfigParam": Shape(
        properties={
            "generation_name": STRING_OR_NULL,
            "parent_span_id": STRING_OR_NULL,
            "span_name": STRING_OR_NULL,
            "trace_id": STRING_OR_NULL,
            "trace_name": STRING_OR_NULL,
        }
    ),
    "UsageOptionsParam": Shape(
        properties={
            "include": BOOLEAN_OR_NULL,
        }
    ),
    "VideoURLParam": Shape(
        required=("url",),
        properties={
            "processing": STRING_OR_NULL,
            "url": STRING,
        },
    ),
    "WebFetchPluginParam": Shape(
        required=("id",),
        properties={
            "allowed_domains": Rule("list", "null", items=STRING),
            "blocked_domains": Rule("list", "null", items=STRING),
            "id": STRING,
            "max_content_tokens": INTEGER_OR_NULL,
            "max_uses": INTEGER_OR_NULL,
        },
    ),
    "WebFetchServerToolConfigParam": Shape(
        properties={
            "allowed_domains": Rule("list", "null", items=STRING),
            "blocked_domains": Rule("list", "null", items=STRING),
            "engine": STRING_OR_NULL,
            "max_content_tokens": INTEGER_OR_NULL,
            "max_uses": INTEGER_OR_NULL,
        }
    ),
    "WebFetchServerToolParam": Shape(
        required=("type",),
        properties={
            "parameters": Rule("mapping", "null", shape="WebFetchServerToolConfigParam"),
            "type": STRING,
        },
    ),
    "WebSearchConfigParam": Shape(
        properties={
            "allowed_domains": Rule("list", "null", items=STRING),
            "engine": STRING_OR_NULL,
            "excluded_domains": Rule("list", "null", items=STRING),
            "max_characters": INTEGER_OR_NULL,
            "max_results": INTEGER_OR_NULL,
            "max_total_results": INTEGER_OR_NULL,
            "max_uses": INTEGER_OR_NULL,
            "mode": STRING_OR_NULL,
            "search_context_size": STRING_OR_NULL,
            "user_location": Rule("mapping", "null", shape="WebSearchUserLocationParam"),
            "x_search": Rule("mapping", "null", shape="XSearchOptionsParam"),
        }
    ),
    "WebSearchOptionsParam": Shape(
        properties={
            "search_context_size": STRING_OR_NULL,
            "user_location": Rule(
                "mapping", "null", tag="type", shapes={"approximate": "WebSearchOptionsUserLocationParam"}
            ),
        }
    ),
    "WebSearchOptionsUserLocationParam": Shape(
        required=(
            "type",
            "approximate",
        ),
        properties={
            "approximate": Rule("mapping", shape="ApproximateLocationParam"),
            "type": STRING,
        },
    ),
    "WebSearchPluginParam": Shape(
        required=("id",),
        properties={
            "enabled": BOOLEAN_OR_NULL,
            "engine": STRING_OR_NULL,
            "exclude_domains": Rule("list", "null", items=STRING),
            "id": STRING,
            "include_domains": Rule("list", "null", items=STRING),
            "max_results": INTEGER_OR_NULL,
            "max_uses": INTEGER_OR_NULL,
            "mode": STRING_OR_NULL,
            "search_prompt": STRING_OR_NULL,
            "user_location": Rule("mapping", "null", shape="WebSearchUserLocationParam"),
            "x_search": Rule("mapping", "null", shape="XSearchOptionsParam"),
        },
    ),
    "WebSearchServerToolParam": Shape(
        required=("type",),
        properties={
            "parameters": Rule("mapping", "null", shape="WebSearchConfigParam"),
            "type": STRING,
        },
    ),
    "WebSearchShorthandToolParam": Shape(
        required=("type",),
        properties={
            "allowed_domains": Rule("list", "null", items=STRING),
            "engine": STRING_OR_NULL,
            "excluded_domains": Rule("list", "null", items=STRING),
            "max_characters": INTEGER_OR_NULL,
            "max_results": INTEGER_OR_NULL,
            "max_total_results": INTEGER_OR_NULL,
            "max_uses": INTEGER_OR_NULL,
            "mode": STRING_OR_NULL,
            "parameters": Rule("mapping", "null", shape="WebSearchConfigParam"),
            "search_context_size": STRING_OR_NULL,
            "type": STRING,
            "user_location": Rule("mapping", "null", shape="WebSearchUserLocationParam"),
            "x_search": Rule("mapping", "null", shape="XSearchOptionsParam"),
        },
    ),
    "WebSearchUserLocationParam": Shape(
        properties={
            "city": STRING_OR_NULL,
            "country": STRING_OR_NULL,
            "region": STRING_OR_NULL,
            "timezone": STRING_OR_NULL,
            "type": STRING_OR_NULL,
        }
    ),
    "XSearchOptionsParam": Shape(
        properties={
            "allowed_x_handles": Rule("list", "null", max_items=20, items=STRING),
            "enable_image_understanding": BOOLEAN_OR_NULL,
            "enable_video_understanding": BOOLEAN_OR_NULL,
            "excluded_x_handles": Rule("list", "null", max_items=20, items=STRING),
            "from_date": STRING_OR_NULL,
            "to_date": STRING_OR_NULL,
        }
    ),
}

CHAT_COMPLETIONS_CREATE = Checks(
    Shape(
        required=(
            "messages",
            "model",
        ),
        properties={
            "audio": Rule("mapping", "null", shape="ChatCompletionAudioParam"),
            "cache_control": Rule("mapping", tag="type", shapes={"ephemeral": "CacheControlParam"}),
            "debug": Rule("mapping", shape="DebugOptionsParam"),
            "deferred_tools": Rule("mapping", shape="DeferredToolsControlParam"),
            "frequency_penalty": Rule("number", "null", minimum=-2, maximum=2),
            "function_call": Rule("string", "mapping", shape="ChatCompletionFunctionCallOptionParam"),
            "functions": Rule("list", min_items=1, max_items=128, items=Rule("mapping", shape="LegacyFunctionParam")),
            "image_config": MAPPING,
            "logit_bias": Rule("mapping", "null", values=NUMBER),
            "logprobs": BOOLEAN_OR_NULL,
            "max_completion_tokens": INTEGER_OR_NULL,
            "max_tokens": INTEGER_OR_NULL,
            "messages": Rule(
                "list",
                min_items=1,
                items=Rule(
                    "mapping",
                    tag="role",
                    shapes={
                        "assistant": "ChatCompletionAssistantMessageParam",
                        "developer": "ChatCompletionDeveloperMessageParam",
                        "function": "ChatCompletionFunctionMessageParam",
                        "system": "ChatCompletionSystemMessageParam",
                        "tool": "ChatCompletionToolMessageParam",
                        "user": "ChatCompletionUserMessageParam",
                    },
                    closed=True,
                ),
            ),
            "metadata": Rule("mapping", "null", max_properties=16, values=STRING),
            "min_p": NUMBER_OR_NULL,
            "modalities": Rule("list", "null", items=STRING),
            "model": Rule("string", min_length=1),
            "models": Rule("list", items=STRING),
            "moderation": Rule("mapping", "null", shape="ModerationParam"),
            "n": Rule("integer", "null", minimum=1, maximum=128),
            "parallel_tool_calls": BOOLEAN_OR_NULL,
            "plugins": Rule(
                "list",
                items=Rule(
                    "mapping",
                    tag="id",
                    shapes={
                        "alignment": "AlignmentPluginParam",
                        "armor": "ArmorPluginParam",
                        "auto-beta-router": "AutoBetaRouterPluginParam",
                        "auto-router": "AutoRouterPluginParam",
                        "context-compression": "ContextCompressionPluginParam",
                        "file-parser": "FileParserPluginParam",
                        "fusion": "FusionPluginParam",
                        "jev-router": "JevRouterPluginParam",
                        "moderation": "ModerationPluginParam",
                        "pareto-router": "ParetoRouterPluginParam",
                        "response-healing": "ResponseHealingPluginParam",
                        "switchyard-router": "SwitchyardRouterPluginParam",
                        "web": "WebSearchPluginParam",
                        "web-fetch": "WebFetchPluginParam",
                    },
                ),
            ),
            "prediction": Rule(
                "mapping", "null", tag="type", shapes={"content": "ChatCompletionPredictionContentParam"}
            ),
            "presence_penalty": Rule("number", "null", minimum=-2, maximum=2),
            "prompt_cache_key": STRING_OR_NULL,
            "prompt_cache_options": Rule("mapping", "null", shape="PromptCacheOptionsParam"),
            "prompt_cache_retention": STRING_OR_NULL,
            "provider": Rule("mapping", "null", shape="ProviderPreferencesParam"),
            "reasoning": Rule("mapping", shape="ReasoningParam"),
            "reasoning_effort": STRING_OR_NULL,
            "repetition_penalty": NUMBER_OR_NULL,
            "response_format": Rule(
                "mapping",
                tag="type",
                shapes={
                    "grammar": "ResponseFormatGrammarParam",
                    "json_object": "ResponseFormatJSONObjectParam",
                    "json_schema": "ResponseFormatJSONSchemaParam",
                    "python": "ResponseFormatPythonParam",
                    "text": "ResponseFormatTextParam",
                },
            ),
            "route": STRING_OR_NULL,
            "safety_identifier": Rule("string", "null", max_length=64),
            "seed": INTEGER_OR_NULL,
            "service_tier": STRING_OR_NULL,
            "session_id": Rule("string", max_length=256),
            "stop": Rule("string", "list", "null", max_items=4, items=STRING),
            "stop_server_tools_when": Rule(
                "list",
                min_items=1,
                items=Rule(
                    "mapping",
                    tag="type",
                    shapes={
                        "finish_reason_is": "StopServerToolsWhenFinishReasonIsParam",
                        "has_tool_call": "StopServerToolsWhenHasToolCallParam",
                        "max_cost": "StopServerToolsWhenMaxCostParam",
                        "max_tokens_used": "StopServerToolsWhenMaxTokensUsedParam",
                        "step_count_is": "StopServerToolsWhenStepCountIsParam",
                    },
                ),
            ),
            "store": BOOLEAN_OR_NULL,
            "stream": BOOLEAN_OR_NULL,
            "stream_options": Rule("mapping", "null", shape="ChatCompletionStreamOptionsParam"),
            "temperature": Rule("number", "null", minimum=0, maximum=2),
            "tool_choice": Rule(
                "string",
                "mapping",
                tag="type",
                shapes={
                    "allowed_tools": "ChatCompletionAllowedToolChoiceParam",
                    "custom": "ChatCompletionNamedToolChoiceCustomParam",
                    "function": "ChatCompletionNamedToolChoiceParam",
                    "openrouter:advisor": "ChatCompletionServerToolChoiceParam",
                    "openrouter:bash": "ChatCompletionServerToolChoiceParam",
                    "openrouter:datetime": "ChatCompletionServerToolChoiceParam",
                    "openrouter:experimental__search_models": "ChatCompletionServerToolChoiceParam",
                    "openrouter:files": "ChatCompletionServerToolChoiceParam",
                    "openrouter:fusion": "ChatCompletionServerToolChoiceParam",
                    "openrouter:image_generation": "ChatCompletionServerToolChoiceParam",
                    "openrouter:subagent": "ChatCompletionServerToolChoiceParam",
                    "openrouter:web_fetch": "ChatCompletionServerToolChoiceParam",
                    "openrouter:web_search": "ChatCompletionServerToolChoiceParam",
                    "web_search": "ChatCompletionServerToolChoiceParam",
                    "web_search_2025_08_26": "ChatCompletionServerToolChoiceParam",
                    "web_search_preview": "ChatCompletionServerToolChoiceParam",
                    "web_search_preview_2025_03_11": "ChatCompletionServerToolChoiceParam",
                },
            ),
            "tools": Rule(
                "list",
                items=Rule(
                    "mapping",
                    tag="type",
                    shapes={
                        "custom": "ChatCompletionCustomToolParam",
                        "function": "ChatCompletionToolParam",
                        "openrouter:advisor": "AdvisorServerToolParam",
                        "openrouter:bash": "BashServerToolParam",
                        "openrouter:datetime": "DatetimeServerToolParam",
                        "openrouter:experimental__search_models": "SearchModelsServerToolParam",
                        "openrouter:files": "FilesServerToolParam",
                        "openrouter:fusion": "FusionServerToolParam",
                        "openrouter:image_generation": "ImageGenerationServerToolParam",
                        "openrouter:subagent": "SubagentServerToolParam",
                        "openrouter:web_fetch": "WebFetchServerToolParam",
                        "openrouter:web_search": "WebSearchServerToolParam",
                        "web_search": "WebSearchShorthandToolParam",
                        "web_search_2025_08_26": "WebSearchShorthandToolParam",
                        "web_search_preview": "WebSearchShorthandToolParam",
                        "web_search_preview_2025_03_11": "WebSearchShorthandToolParam",
                    },
                ),
            ),
            "top_a": NUMBER_OR_NULL,
            "top_k": INTEGER_OR_NULL,
            "top_logprobs": Rule("integer", "null", minimum=0, maximum=20),
            "top_p": Rule("number", "null", minimum=0, maximum=1),
            "trace": Rule("mapping", shape="TraceConfigParam"),
            "transforms": Rule("list", items=STRING),
            "usage": Rule("mapping", shape="UsageOptionsParam"),
            "user": STRING,
            "verbosity": STRING_OR_NULL,
            "web_search_options": Rule("mapping", shape="WebSearchOptionsParam"),
        },
    ),
    SHAPES,
)
CREDITS_RETRIEVE = Checks(Shape(properties={}), SHAPES)
EMBEDDINGS_CREATE = Checks(
    Shape(
        required=(
            "input",
            "model",
        ),
        properties={
            "dimensions": Rule("integer", minimum=1),
            "encoding_format": STRING,
            "input": Rule(
                "string",
                "list",
                items=Rule("string", "integer", "list", "mapping", items=INTEGER, shape="EmbeddingInputParam"),
            ),
            "input_type": STRING,
            "model": Rule("string", min_length=1),
            "provider": Rule("mapping", "null", shape="ProviderPreferencesParam"),
            "user": STRING,
        },
    ),
    SHAPES,
)
GENERATIONS_RETRIEVE = Checks(
    Shape(
        required=("id",),
        properties={
            "id": Rule("string", min_length=1),
        },
    ),
    SHAPES,
)
KEY_RETRIEVE = Checks(Shape(properties={}), SHAPES)
MODELS_ENDPOINTS = Checks(
    Shape(
        required=(
            "author",
            "slug",
        ),
        properties={
            "author": Rule("string", min_length=1),
            "slug": Rule("string", min_length=1),
        },
    ),
    SHAPES,
)
MODELS_LIST = Checks(
    Shape(
        properties={
            "arch": STRING,
            "category": STRING,
            "context": Rule("integer", minimum=1),
            "distillable": STRING,
            "input_modalities": STRING,
            "limit": Rule("integer", minimum=1, maximum=1000),
            "max_age_days": Rule("integer", "null", minimum=0),
            "max_agentic_index": Rule("number", "null", minimum=0),
            "max_coding_index": Rule("number", "null", minimum=0),
            "max_intelligence_index": Rule("number", "null", minimum=0),
            "max_output_price": Rule("number", "null", minimum=0),
            "max_price": Rule("number", "null", minimum=0),
            "max_tool_success_rate": Rule("number", "null", minimum=0, maximum=1),
            "min_age_days": Rule("integer", "null", minimum=0),
            "min_agentic_index": Rule("number", "null", minimum=0),
            "min_coding_index": Rule("number", "null", minimum=0),
            "min_intelligence_index": Rule("number", "null", minimum=0),
            "min_output_price": Rule("number", "null", minimum=0),
            "min_price": Rule("number", "null", minimum=0),
            "min_tool_success_rate": Rule("number", "null", minimum=0, maximum=1),
            "model_authors": STRING,
            "offset": Rule("integer", "null", minimum=0),
            "output_modalities": STRING,
            "providers": STRING,
            "q": STRING,
            "region": STRING,
            "sort": STRING,
            "supported_parameters": STRING,
            "zdr": STRING,
        }
    ),
    SHAPES,
)
MODELS_RETRIEVE = Checks(
    Shape(
        required=("model",),
        properties={
            "model": Rule("string", min_length=1),
        },
    ),
    SHAPES,
)
PROVIDERS_LIST = Checks(Shape(properties={}), SHAPES)
