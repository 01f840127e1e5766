"""Each promise of docs/SECURITY.md, by words of the page, and the tests that hold it: both have to be there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = re.sub(r"\s+", " ", (ROOT / "docs" / "SECURITY.md").read_text(encoding="utf-8"))
PROMISES: dict[str, tuple[str, ...]] = {
    "are listed and never start": ("mcp_host/config/test_trust.py::test_a_server_of_the_opened_folder_is_listed_but_neither_started_nor_expanded",),
    "or shadow yours before you trust them": ("mcp_host/config/test_trust.py::test_the_users_own_server_is_never_shadowed_by_the_folders",),
    "folders that a client names as its roots": ("server/test_questions.py::test_the_folders_that_a_client_has_opened_are_looked_into_and_trusted_as_the_working_folder_is",),
    "shows the whole entry, escaped, and asks": ("mcp_host/config/test_trust.py::test_what_is_shown_before_trusting_is_whole_and_hides_nothing", "e2e/test_questions_in_a_terminal.py::test_a_server_of_the_folder_is_shown_whole_and_starts_only_after_yes"),
    "Trust is a hash over all of the entry": ("mcp_host/config/test_trust.py::test_every_part_of_an_entry_counts", "mcp_host/config/test_trust.py::test_the_same_entry_in_another_folder_is_not_trusted"),
    "`envFile`'s text": ("mcp_host/config/test_trust.py::test_the_text_of_its_env_file_counts_too",),
    "what changes is asked about anew": ("mcp_host/config/test_trust.py::test_a_trusted_one_counts_at_once_and_one_that_changes_is_asked_about_anew",),
    "the strictest wins": ("mcp_host/tools/test_permissions.py::test_a_writing_tool_is_held_to_the_strictest_level", "server/test_asking.py::test_a_caller_cannot_widen_what_the_settings_allow"),
    "made only when somebody agrees": ("server/test_asking.py::test_anything_but_yes_is_no",),
    "Where nobody can be asked, in the background": ("server/test_asking.py::test_who_cannot_be_asked_has_said_no", "server/test_asking.py::test_a_background_run_asks_nobody"),
    "without an answer, it is denied": ("server/test_asking.py::test_a_question_that_nobody_answers_in_time_is_answered_with_no",),
    "`deny` beats `allow`": ("mcp_host/tools/test_permissions.py::test_a_denied_tool_is_never_called_even_where_it_is_allowed",),
    "never offers its own tools to a local model": ("mcp_host/config/test_self_detection.py::test_a_command_that_runs_lmbridge_is_recognised", "mcp_host/config/test_self_detection.py::test_the_address_of_our_own_server_is_refused"),
    "none runs unless `LMBRIDGE_ACCEPT_COMMANDS` lists it": ("agent/task/test_acceptance.py::test_commands_run_only_where_the_settings_list_them",),
    "regular files of at most 16 MiB": ("attacks/test_fourth_set.py::test_checks_look_at_nothing_outside_and_start_nothing_else",),
    "look again where such a file lies when they are made": ("agent/task/test_accept_scope.py::test_a_link_to_elsewhere_that_is_made_during_the_run_is_not_looked_through",),
    "also those before a `..`": ("mcp_host/gate/test_spelled_paths.py::test_a_link_before_two_dots_is_followed_as_the_system_follows_it", "agent/task/test_accept_scope.py::test_a_link_before_two_dots_does_not_lead_out_of_the_scope"),
    "also where a path is spelled with line breaks": ("mcp_host/gate/test_spelled_paths.py::test_a_file_that_starts_programs_is_asked_about_in_every_spelling",),
    "Of one call 2,000 values and 500 paths are looked at": ("mcp_host/gate/test_spelled_paths.py::test_a_call_with_more_than_can_be_looked_at_is_asked_about_as_a_whole_and_can_be_granted",),
    "errors of servers (those of the protocol, too)": ("attacks/test_errors_and_receipts.py::test_a_servers_errors_hold_no_tokens_and_nothing_hidden",),
    "A map takes it for all its runs": ("map/test_map_tool.py::test_a_scope_is_granted_to_each_run_of_a_map",),
    "is not repeated after a lost connection": ("mcp_host/transport/test_faults_stdio.py::test_a_writing_call_is_never_repeated", "mcp_host/transport/test_faults_stdio.py::test_a_crash_in_the_middle_of_a_writing_call_leaves_its_outcome_unknown"),
    "A continued run keeps what its earlier runs read": ("attacks/test_other_ways.py::test_what_an_earlier_run_read_is_private_in_the_one_that_goes_on", "attacks/test_other_ways.py::test_a_continued_run_has_no_more_access_than_the_one_before"),
    "Private is the text of every result": ("mcp_host/gate/test_carried.py::test_private_text_is_found_in_every_form",),
    "in up to a megabyte that goes out": ("mcp_host/gate/test_carried.py::test_it_is_found_deep_in_a_long_text",),
    "Letters alone tell from 14 in a row": ("mcp_host/gate/test_carried.py::test_enough_letters_in_a_row_are_found_wherever_they_stand",),
    "words that mix letters and digits always": ("mcp_host/gate/test_carried.py::test_a_mixed_word_of_any_length_is_found_wherever_it_stands",),
    "asked, also under `access: read`": ("attacks/test_attacks.py::test_an_obeyed_attack_is_stopped_or_told",),
    "A quotation is no call": ("attacks/test_attacks.py::test_an_obeyed_attack_is_stopped_or_told", "attacks/test_sixth_set.py::test_an_obeyed_attack_is_stopped_or_told"),
    "Files that start programs": ("attacks/test_attacks.py::test_an_obeyed_attack_is_stopped_or_told", "attacks/test_grants.py::test_one_repeated_call_with_what_the_report_lists_suffices"),
    "Labels come from the wire": ("server/test_labels.py::test_the_list_of_servers_shows_what_the_tools_of_one_that_was_used_may_do",),
    "your own words in the entry's `lmbridge.annotations` beat both": ("server/test_labels.py::test_the_entry_s_own_words_about_a_tool_count_in_the_list",),
    "one repeated call suffices": ("attacks/test_grants.py::test_one_repeated_call_with_what_the_report_lists_suffices",),
    "`private:HOST` for private text to a host": ("attacks/test_grants.py::test_private_text_goes_to_a_host_only_with_a_grant_for_it",),
    "`LMBRIDGE_GUARD` is `on`, `note` (nothing is asked, all is told) or `off`": ("attacks/test_grants.py::test_the_setting_says_whether_it_is_asked_told_or_nothing",),
    "ordinary tasks among it are asked nothing": ("attacks/test_attacks.py::test_an_ordinary_task_is_asked_nothing", "attacks/test_sixth_set.py::test_ordinary_tasks_with_real_servers_are_asked_nothing", "attacks/test_fourth_set.py::test_ordinary_tasks_with_real_servers_are_asked_nothing"),
    "elicitation, sampling and roots are answered with an error": ("attacks/test_insistent_server.py::test_whatever_a_server_asks_of_its_host_is_refused_and_reaches_nobody",),
    "begin with the fixed line where the open world was read": ("attacks/test_insistent_server.py::test_a_run_read_again_says_first_that_it_read_the_open_world_and_nobody_forges_its_lines", "attacks/test_other_ways.py::test_a_report_says_where_its_words_come_from_and_text_from_outside_begins_with_a_fixed_line"),
    "A tool that changes or appears later is held back": ("mcp_host/tools/test_pins.py::test_a_changed_tool_is_held_back_with_its_difference_and_the_others_are_not", "mcp_host/tools/test_pins.py::test_a_tool_that_appears_later_is_held_back"),
    "where a key pressed before the question answers nothing": ("e2e/test_questions_in_a_terminal.py::test_a_question_beside_the_changing_line_shows_its_choices_and_what_was_typed_before_is_no_answer",),
    "`lmbridge run` prints it as `--scope`": ("e2e/test_questions_in_a_terminal.py::test_a_run_without_a_terminal_tells_how_to_allow_what_nobody_could_be_asked_about",),
    "those of a host, a hook, an address, an account (as an IBAN), a wallet, a chat or a telephone may not": ("mcp_host/tools/test_pins.py::test_digits_that_say_to_whom_something_goes_count",),
    "Told, though the target is named and a change is spoken of": ("mcp_host/gate/test_beyond.py::test_what_goes_beyond_the_task_is_told",),
    "a function of a statement that by its name does something does not read": ("mcp_host/gate/test_beyond.py::test_a_function_that_does_something_does_not_read",),
    "files that tools load as code by themselves": ("mcp_host/gate/test_beyond.py::test_a_file_that_other_programs_load_is_told_where_the_task_does_not_name_it",),
    "scripts that a package gets for each install": ("mcp_host/gate/test_beyond.py::test_a_script_that_runs_at_each_install_is_told_where_it_is_new",),
    "broken by blanks, dashes, quotation marks or lines": ("core/test_secret_forms.py::test_a_secret_in_pieces_is_replaced",),
    "the steps that let one in of hooks' addresses": ("core/test_secret_forms.py::test_credentials_inside_urls_and_connection_strings_are_secrets",),
    "escaped sign by sign": ("core/test_secret_forms.py::test_a_secret_is_replaced_however_its_signs_are_escaped",),
    "one whose every change was held back": ("agent/task/test_short_claims.py::test_an_answer_that_hides_that_a_change_was_held_back_does_not_end_as_done",),
    "Digits and blanks in descriptions may change": ("mcp_host/tools/test_pins.py::test_dates_versions_counts_and_breaks_in_a_description_are_no_change",),
    "one warning names the keys that changed, once": ("mcp_host/tools/test_pins.py::test_an_edit_of_the_entry_is_told_once_and_pins_anew_what_is_there_then",),
    "`\"pin\": false` records nothing": ("mcp_host/tools/test_pins.py::test_without_pin_nothing_is_held_back_or_written",),
    "A pin file that cannot be read holds everything back": ("mcp_host/tools/test_pins.py::test_pins_that_cannot_be_read_trust_nobody",),
    "the tokens of chat templates lose their form": ("attacks/test_fourth_set.py::test_tokens_of_chat_templates_lose_their_form_wherever_a_server_says_them",),
    "reaches the server byte for byte": ("mcp_host/tools/test_verbatim.py::test_a_token_loses_its_form_and_gets_it_back_when_it_is_written",),
    "descriptions end after 2000 characters": ("mcp_host/tools/test_pins.py::test_a_long_description_is_cut",),
    "A piped answer is left as it is": ("e2e/test_terminal.py::test_an_answer_is_cleaned_for_a_terminal_and_piped_byte_for_byte",),
    "only in quotation marks that they cannot close": ("attacks/test_words_going_up.py::test_strangers_words_go_up_only_as_short_quotations",),
    "also when lmbridge is killed": ("mcp_host/transport/test_no_orphans.py::test_nothing_survives_a_killed_lmbridge",),
    "what a server has not read, unasked messages": ("mcp_host/transport/test_faults_stdio.py::test_a_server_that_stops_reading_blocks_nobody", "mcp_host/transport/test_faults_stdio.py::test_servers_that_flood_hold_nobody_up"),
    "in base64 (of letters of two bytes, too), base32, hex (with signs between, too), percent and JSON's escapes": ("core/test_secret_forms.py::test_a_secret_is_replaced_in_every_form",),
    "credentials inside URLs, the steps that let one in of hooks' addresses, connection strings": ("core/test_secret_forms.py::test_credentials_inside_urls_and_connection_strings_are_secrets",),
    "redirects are not followed": ("llm/http/test_faults.py::test_the_token_does_not_follow_a_redirect",),
    "A run never opens a browser": ("mcp_host/transport/test_oauth.py::test_without_a_login_the_server_is_told_to_need_one_and_no_browser_opens",),
    "A bearer token is always asked for": ("server/test_http.py::test_on_loopback_a_token_is_made_at_the_first_start_and_asked_for_ever_after",),
    "refused where others may read it or it has a second name": ("server/test_http.py::test_a_token_that_somebody_else_may_have_put_there_is_not_used",),
    "`lmbridge doctor` says where it is": ("server/test_http.py::test_doctor_says_where_the_token_is_and_how_it_is_sent",),
    "the `Host` header must name this machine": ("server/test_http.py::test_the_door_on_loopback",),
    "or lmbridge does not start": ("server/test_http.py::test_off_loopback_it_does_not_start_without_a_token_and_starts_with_one",),
    "mode 0700, mended where it is wider": ("core/test_state_folder.py::test_a_folder_that_others_may_enter_is_narrowed",),
    "its files are opened without following links": ("core/test_state_folder.py::test_opening_does_not_follow_a_link", "attacks/test_fourth_set.py::test_links_in_the_state_folder_lead_nowhere"),
    "A journal (mode 0600)": ("observe/journal/test_journal.py::test_journals_are_private",),
    "without known secrets": ("observe/journal/test_journal.py::test_secrets_never_reach_the_file",),
    "They are removed after `LMBRIDGE_JOURNAL_DAYS` (30)": ("observe/journal/test_journal.py::test_old_journals_are_removed_and_live_ones_never", "observe/journal/test_journal.py::test_beyond_the_size_the_oldest_go_first_but_never_a_live_one"),
    "so that a crash leaves no unrecorded write": ("observe/journal/test_journal.py::test_after_kill_9_all_that_was_told_is_there_and_the_run_is_interrupted",),
    "A claimed write without a call is a warning": ("agent/task/test_short_claims.py::test_a_run_that_claims_a_change_no_call_made_is_told_once_and_then_ends_as_partial", "attacks/test_fourth_set.py::test_a_claim_that_no_call_bears_out_does_not_end_as_done"),
    "lets only quotations pass that really stand in a tool's result": ("agent/task/test_acceptance.py::test_quotations_must_stand_in_a_tool_result",),
    "given none unless `LMBRIDGE_SKILL_TOKENS` lets it": ("mcp_host/test_server_skills.py::test_nothing_of_it_is_given_unless_it_is_wanted",),
    "used only where size, SHA-256 and frontmatter are those of its entry": ("mcp_host/test_server_skills.py::test_a_file_that_is_not_what_its_entry_says_is_not_used", "mcp_host/test_server_skills.py::test_a_frontmatter_must_be_the_one_that_was_listed", "mcp_host/test_server_skills.py::test_entries_that_bind_to_nothing_are_passed_over"),
    "a call that stands in it word for word is asked about": ("mcp_host/test_server_skills.py::test_what_a_skill_spells_out_as_a_call_is_no_step_of_the_model_s_own",),
    "is told in the journal, and as `server__read_skill`": ("mcp_host/test_server_skills.py::test_it_stands_in_a_fence_before_the_first_reply_and_in_the_journal",),
}  # fmt: skip


@pytest.mark.parametrize("words", PROMISES)
def test_a_promise_stands_on_the_page_and_has_its_tests(words: str) -> None:
    assert words in PAGE
    for test in PROMISES[words]:
        file, _, name = test.partition("::")
        assert re.search(rf"def {name}\(", (ROOT / "tests" / file).read_text(encoding="utf-8")), test


@pytest.mark.parametrize(
    "words",
    [
        "an attacker's account on a host that you name",
        "paraphrased",
        "shorter than six signs",
        "new files inside a folder that you name",
        "servers that lie",
    ],
)
def test_what_does_not_hold_is_said(words: str) -> None:
    assert words in PAGE
