"""Servers whose tools look like those that people connect: one process is one of them. It does nothing; it writes down what it is asked.

    python -m attacks.suite NAME

The file `SUITE_BOOK` gets a JSON line for each call; `SUITE_PAGES` is a JSON object: `tool:FIRST ARGUMENT` or `tool` to what that call answers.
Names, arguments and annotations are those of the public servers' own lists; where a server says nothing of a tool, neither does this.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from attacks.odd_servers import ODD

# Arguments: `name` text, `?` may be left out, `[]` a list, `{}` an object, `#` a whole number, `%` a number,
# `*` anything. Behind `|`: r reads only, w does not, d destroys,
# a only adds, o open world, c closed world.
SUITES: dict[str, dict[str, str]] = {
    "github": {
        "get_file_contents": "owner repo path? ref? | r",
        "issue_read": "method owner repo issue_number# | r",
        "list_issues": "owner repo state? | r",
        "search_code": "query | r",
        "search_issues": "query owner? repo? | r",
        "get_me": "| r",
        "add_issue_comment": "owner repo issue_number# body | w",
        "issue_write": "method owner repo title? body? issue_number#? state? labels[]? | w",
        "create_or_update_file": "owner repo path content message branch sha? | w",
        "push_files": "owner repo branch files[] message | w",
        "delete_file": "owner repo path message branch | w d",
        "create_branch": "owner repo branch from_branch? | w",
        "create_repository": "name description? private? | w",
        "create_gist": "filename content description? public? | w",
        "merge_pull_request": "owner repo pullNumber# merge_method? | w",
        "create_pull_request": "owner repo title head base body? | w",
        "fork_repository": "owner repo organization? | w",
    },
    "slack": {
        "slack_list_channels": "limit#? cursor?",
        "slack_get_channel_history": "channel_id limit#?",
        "slack_post_message": "channel_id text",
        "slack_reply_to_thread": "channel_id thread_ts text",
        "slack_add_reaction": "channel_id timestamp reaction",
        "slack_get_users": "cursor? limit#?",
    },
    "gmail": {
        "search_emails": "query maxResults#?",
        "read_email": "messageId",
        "send_email": "to[] subject body cc[]? bcc[]? attachments[]? mimeType? htmlBody?",
        "draft_email": "to[] subject body cc[]? bcc[]? attachments[]?",
        "modify_email": "messageId addLabelIds[]? removeLabelIds[]?",
        "delete_email": "messageId",
        "batch_delete_emails": "messageIds[] batchSize#?",
        "create_filter": "criteria{} action{}",
    },
    "notion": {
        "API-post-search": "query",
        "API-retrieve-a-page": "page_id",
        "API-get-block-children": "block_id",
        "API-patch-block-children": "block_id children[]",
        "API-post-page": "parent{} properties{} children[]?",
        "API-patch-page": "page_id properties{}? archived?",
        "API-delete-a-block": "block_id",
        "API-create-a-comment": "parent{} rich_text[]",
    },
    "postgres": {"query": "sql", "execute_sql": "sql", "list_schemas": "", "explain_query": "sql analyze*?"},
    "browser": {
        "browser_navigate": "url | w d o",
        "browser_snapshot": "| r o",
        "browser_click": "element ref | w d o",
        "browser_type": "element ref text submit*? | w d o",
        "browser_fill_form": "fields[] | w d o",
        "browser_evaluate": "function element? ref? | w d o",
        "browser_file_upload": "paths[] | w d o",
        "browser_press_key": "key | w d o",
        "browser_run_code": "code | w d o",
    },
    "shell": {
        "execute_command": "command timeout_ms#?",
        "start_process": "command timeout_ms# shell?",
        "interact_with_process": "pid# input",
        "run": "command[] directory? stdin?",
    },
    "kubernetes": {
        "kubectl_get": "resourceType name? namespace? output? | r",
        "kubectl_logs": "resourceType name namespace? | r",
        "kubectl_apply": "manifest? filename? namespace?",
        "kubectl_delete": "resourceType name? namespace? labelSelector? force? | d",
        "kubectl_scale": "name namespace replicas# resourceType?",
        "kubectl_patch": "resourceType name patchData{} namespace?",
        "kubectl_rollout": "subCommand resourceType name namespace",
        "exec_in_pod": "name namespace? command[] container?",
        "kubectl_generic": "command subCommand? resourceType? name? args[]?",
        "install_helm_chart": "name chart repo? namespace values{}?",
    },
    "s3": {
        "list_buckets": "| r",
        "list_objects": "bucket prefix? | r",
        "get_object": "bucket key | r",
        "put_object": "bucket key body contentType?",
        "copy_object": "sourceBucket sourceKey destinationBucket destinationKey",
        "delete_object": "bucket key",
        "delete_bucket": "bucket",
        "put_bucket_policy": "bucket policy",
        "generate_presigned_url": "bucket key expiresIn#?",
    },
    "jira": {
        "jira_get_issue": "issue_key fields? | r",
        "jira_search": "jql limit#? | r",
        "jira_create_issue": "project_key summary issue_type description? | w",
        "jira_add_comment": "issue_key comment | w",
        "jira_update_issue": "issue_key fields{} attachments? | w",
        "jira_transition_issue": "issue_key transition_id comment? | w",
        "jira_get_transitions": "issue_key | r",
        "jira_delete_issue": "issue_key | w d",
        "confluence_create_page": "space_key title content | w",
    },
    "calendar": {
        "list_events": "calendarId timeMin? timeMax? | r",
        "create_event": "calendarId summary start end description? location? attendees[]? | w",
        "update_event": "calendarId eventId summary? start? end? attendees[]? | w",
        "delete_event": "calendarId eventId | w d",
    },
    "drive": {
        "search_files": "query | r",
        "read_file": "fileId | r",
        "share_file": "fileId emailAddress role",
        "upload_file": "localPath folderId? name?",
        "update_sharing": "fileId visibility",
        "copy_file": "fileId name folderId?",
    },
    "linear": {
        "get_issue": "id | r",
        "list_labels": "team? | r",
        "create_label": "name color team? | w",
        "update_issue": "id title? state? assignee? description? labels[]? | w",
        "create_comment": "issueId body | w",
    },
    "docker": {
        "list_containers": "all*? | r",
        "run_container": "image name? command? volumes[]? environment{}? ports[]?",
        "remove_container": "container_id force*?",
        "exec": "container_id command",
        "build_image": "path tag dockerfile?",
    },
    "redis": {
        "get": "key | r",
        "set": "key value expire_seconds#?",
        "delete": "key",
        "command": "args[]",
        "publish": "channel message",
    },
    "mongo": {
        "find": "database collection filter{}? limit#? | r",
        "aggregate": "database collection pipeline[]",
        "update_many": "database collection filter{} update{} upsert*?",
        "delete_many": "database collection filter{}",
        "rename_collection": "database collection newName dropTarget*?",
    },
    "phone": {
        "send_sms": "to body",
        "telegram_send_message": "chat_id text",
        "telegram_send_document": "chat_id path caption?",
        "list_chats": "",
        "make_call": "number message",
    },
    "home": {
        "get_state": "entity_id | r",
        "call_service": "domain service entity_id data{}?",
        "set_automation": "alias trigger{} action{}",
    },
    "duck": {"query": "sql"},
    "sqlite": {
        "read_query": "query",
        "write_query": "query",
        "create_table": "query",
        "list_tables": "",
        "describe_table": "table_name",
    },
    "bank": {
        "list_transactions": "account limit#? | r",
        "create_payment": "account iban recipient amount% reference?",
        "get_rate": "base quote | r o",
    },
    "tool_box": {
        "download": "url destination",
        "unzip": "archive destination",
        "convert": "input output",
        "symlink": "target link_path",
        "print_document": "printer path copies#?",
        "ping": "host count#? | r o",
        "geocode": "latitude% longitude% | r o",
        "chart": "title series[] colors[]? | r o",
        "translate": "text target_language | r o",
        "whois": "ip | r o",
        "poll": "form_url answers[] | w o",
    },
    "rest": {
        "request": "method url headers{}? params{}? body? cookies{}?",
        "graphql": "endpoint query variables{}?",
        "read_url": "url | r o",
        "web_search": "query count#? | r o",
        "dns_lookup": "hostname type? | r o",
        "webhook": "target_url payload{}",
    },
    "git": {
        "git_status": "path | r",
        "git_log": "path maxCount#? | r",
        "git_commit": "path message amend*?",
        "git_push": "path remote? branch? force*?",
        "git_remote": "path mode name? url?",
        "git_reset": "path mode commit?",
    },
    "gitlab": {
        "get_project": "project_id",
        "get_merge_request": "project_id merge_request_iid",
        "list_issues": "project_id state?",
        "update_project": "project_id visibility? description?",
        "create_or_update_file": "project_id file_path content commit_message branch",
        "create_pipeline": "project_id ref variables[]?",
        "add_project_member": "project_id user_id# access_level#",
        "unprotect_branch": "project_id name",
    },
    "stripe": {
        "list_payment_intents": "customer? limit#?",
        "create_refund": "payment_intent amount#? reason?",
        "create_webhook_endpoint": "url enabled_events[]",
    },
    "warehouse": {"execute_sql": "sql", "get_table_info": "dataset table"},
    "crm": {
        "crm_get_contact": "contact_id | r",
        "crm_search": "query | r",
        "crm_update_contact": "contact_id properties{}",
        "crm_merge_contacts": "primaryObjectId objectIdToMerge",
    },
    "discord": {
        "read_messages": "channelId count#?",
        "send_message": "channelId message",
        "bulk_delete_messages": "channelId count#",
    },
    "cloud": {
        "call_aws": "cli_command max_results#?",
        "ExecuteTerraformCommand": "command working_directory variables{}?",
    },
    "dns": {"dns_records_list": "zone_name | r", "dns_record_update": "zone_name record_id type name content ttl#?"},
    "social": {"search_tweets": "query count#?", "post_tweet": "text reply_to_tweet_id?"},
    "store": {"search_products": "query", "add_to_cart": "product_id quantity#", "checkout": "cart_id payment_method?"},
    "texts": {"read_messages": "contact limit#?", "send_message": "recipient message"},
    "remember": {"search_nodes": "query", "create_entities": "entities[]", "add_observations": "observations[]"},
    "sheets": {
        "get_sheet_data": "spreadsheet_id sheet range?",
        "update_cells": "spreadsheet_id sheet range data[]",
    },
    "ai": {"perplexity_ask": "messages[] | r o", "generate_image": "prompt width#? height#?"},
    "vault": {"obsidian_get_file_contents": "filepath", "obsidian_delete_file": "filepath confirm*?"},
    "elastic": {
        "search": "index query_body{}",
        "delete_by_query": "index query{}",
        "update_by_query": "index query{} script{}?",
    },
    "jobs": {"list_jobs": "", "create_job": "name schedule command", "run_job": "name"},
    "processes": {"list_processes": "| r", "kill_process": "pid# | d c"},
    **ODD,
}
FLAGS = {"r": ("readOnlyHint", True), "w": ("readOnlyHint", False), "d": ("destructiveHint", True),
         "a": ("destructiveHint", False), "o": ("openWorldHint", True), "c": ("openWorldHint", False)}  # fmt: skip


def schema(words: list[str]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for word in words:
        kind = (
            "array"
            if "[]" in word
            else "object"
            if "{}" in word
            else "integer"
            if "#" in word
            else "number"
            if "%" in word
            else "string"
        )
        properties[word.rstrip("?[]{}#%*")] = {} if word == "private?" or "*" in word else {"type": kind}
    needed = [word.rstrip("[]{}#%*") for word in words if not word.endswith("?")]
    return {"type": "object", "properties": properties, "required": needed}


def listed(suite: str) -> list[dict[str, Any]]:
    tools = []
    for name, line in SUITES[suite].items():
        given, _, flags = line.partition("|")
        words = name.removeprefix("API-").replace("-", " ").replace("_", " ")
        tool: dict[str, Any] = {
            "name": name,
            "description": f"{words.capitalize()}.",
            "inputSchema": schema(given.split()),
        }
        if hints := dict(FLAGS[flag] for flag in flags.split()):
            tool["annotations"] = hints
        tools.append(tool)
    return tools


def called(book_file: Path, pages_file: Path, tool: str, arguments: dict[str, Any]) -> str:
    with book_file.open("a") as book:
        book.write(json.dumps({"tool": tool, **arguments}) + "\n")
    pages: dict[str, str] = json.loads(pages_file.read_text())
    return pages.get(f"{tool}:{next(iter(arguments.values()), '')}", pages.get(tool, "ok"))


def main(suite: str, book: Path, pages: Path) -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if "id" not in message:
            continue
        answer: dict[str, Any] = {"jsonrpc": "2.0", "id": message["id"]}
        match message.get("method"):
            case "initialize":
                info = {"name": suite, "version": "1"}
                answer["result"] = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": info}
            case "tools/list":
                answer["result"] = {"tools": listed(suite)}
            case "tools/call":
                given = message["params"]
                text = called(book, pages, given["name"], given.get("arguments") or {})
                answer["result"] = {"content": [{"type": "text", "text": text}]}
            case "ping":
                answer["result"] = {}
            case _:
                answer["error"] = {"code": -32601, "message": "no such method"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], Path(os.environ["SUITE_BOOK"]), Path(os.environ["SUITE_PAGES"]))
