// The symbols that native code and Node's library share (docs/node-library.md). They are registered
// with V8 by description (Private::ForApi, Symbol::ForApi), so each isolate has one of each, and
// Env::Private() and Env::Symbol() find them again after a snapshot was restored. The names are
// those of Node's src/env_properties.h.
#pragma once

namespace kiln::runtime {

// Private symbols. Properties with such a key (v8::Private) are invisible to apps; Node's library
// has the keys, as properties of privateSymbols. `property` is the name in
// internalBinding('util').privateSymbols, `description` what V8 knows the symbol by.
struct PrivateSymbolName {
  const char* property;
  const char* description;
};
inline constexpr PrivateSymbolName kPrivateSymbols[] = {
    {"arrow_message_private_symbol", "node:arrowMessage"},
    {"contextify_context_private_symbol", "node:contextify:context"},
    {"decorated_private_symbol", "node:decorated"},
    {"empty_context_frame_sentinel_symbol", "node:empty_context_frame_sentinel"},
    {"transfer_mode_private_symbol", "node:transfer_mode"},
    {"host_defined_option_symbol", "node:host_defined_option_symbol"},
    {"js_transferable_wrapper_private_symbol", "node:js_transferable_wrapper"},
    {"entry_point_module_private_symbol", "node:entry_point_module"},
    {"entry_point_promise_private_symbol", "node:entry_point_promise"},
    {"module_source_private_symbol", "node:module_source"},
    {"module_export_names_private_symbol", "node:module_export_names"},
    {"module_circular_visited_private_symbol", "node:module_circular_visited"},
    {"module_export_private_symbol", "node:module_export"},
    {"module_first_parent_private_symbol", "node:module_first_parent"},
    {"module_last_parent_private_symbol", "node:module_last_parent"},
    {"napi_type_tag", "node:napi:type_tag"},
    {"napi_wrapper", "node:napi:wrapper"},
    {"untransferable_object_private_symbol", "node:untransferableObject"},
    {"exit_info_private_symbol", "node:exit_info_private_symbol"},
    {"promise_trace_id", "node:promise_trace_id"},
    {"source_map_data_private_symbol", "node:source_map_data_private_symbol"},
};

// internalBinding('symbols'): ordinary symbols, registered under `name`. The per_context scripts of
// the library receive the same symbols as an object whose property names partly differ.
struct SymbolName {
  const char* name;
  const char* per_context_name;
};
inline constexpr SymbolName kPerIsolateSymbols[] = {
    {"fs_use_promises_symbol", "fs_use_promises_symbol"},
    {"async_id_symbol", "async_id_symbol"},
    {"constructor_key_symbol", "constructor_key_symbol"},
    {"handle_onclose", "handle_onclose_symbol"},
    {"no_message_symbol", "no_message_symbol"},
    {"messaging_deserialize_symbol", "messaging_deserialize_symbol"},
    {"imported_cjs_symbol", "imported_cjs_symbol"},
    {"messaging_transfer_symbol", "messaging_transfer_symbol"},
    {"messaging_clone_symbol", "messaging_clone_symbol"},
    {"messaging_transfer_list_symbol", "messaging_transfer_list_symbol"},
    {"oninit", "oninit_symbol"},
    {"owner_symbol", "owner_symbol"},
    {"onpskexchange", "onpskexchange_symbol"},
    {"resource_symbol", "resource_symbol"},
    {"trigger_async_id_symbol", "trigger_async_id_symbol"},
    {"builtin_source_text_module_hdo", "builtin_source_text_module_hdo_symbol"},
    {"source_text_module_default_hdo", "source_text_module_default_hdo_symbol"},
    {"vm_context_no_contextify", "vm_context_no_contextify_symbol"},
    {"vm_dynamic_import_default_internal", "vm_dynamic_import_default_internal_symbol"},
    {"vm_dynamic_import_main_context_default", "vm_dynamic_import_main_context_default_symbol"},
    {"vm_dynamic_import_missing_flag", "vm_dynamic_import_missing_flag_symbol"},
    {"vm_dynamic_import_no_callback", "vm_dynamic_import_no_callback_symbol"},
};

}  // namespace kiln::runtime
