"""Wordings of the tasks that take several calls. See wordings.py for the form and for the names in capitals."""

TRAINED: dict[str, list[str]] = {
    "key_to_file": [
        "{GET} {p}, [get|take|find] the value of {k} and {SAVE} it [to|into|in] {q}", "Copy the value of {k} [from|in] {p} [to|into] {q}",
        "[Write|Save|Put|Store] the value of {k} [from|in] {p} [to|into|in] [the file ||]{q}", "[Look up|Find|Get|Take] {k} in {p} and {SAVE} [its value|it|the value] [to|into|in] {q}",
        "{GET} {p} and {SAVE} {k} [to|into|in] {q}", "What is {k} in {p}? [Write|Save|Put] [it|the value] [to|into|in] {q}", "{q} should contain the value of {k} from {p}",
        "[Take|Get] the value of {k} from {p} and {SAVE} it [to|into|in] [the file |]{q}", "From {p}, [copy|write|save] [the value of |]{k} [to|into] {q}", "Copy {k} from {p} [to|into] {q}",
        "{GET} {p}, then {SAVE} [the value of {k}|what {k} is] [to|into|in] {q}", "Create {q} with the value of {k} from {p}", "Extract {k} from {p} and [write|save] it to {q}",
    ],
    "line_to_file": [
        "[Copy|Write|Save|Put] [line {n}|the {o} line] of {p} [to|into|in] {q}", "{GET} {p} and {SAVE} [its {o} line|line {n}|the {o} line] [to|into|in] {q}",
        "[Take|Get] [the {o} line|line {n}] of {p} and {SAVE} it [to|into|in] {q}", "From {p}, [copy|write] [line {n}|the {o} line] [to|into] {q}", "Copy line {n} from {p} [to|into] {q}",
        "Create {q} with line {n} of {p}", "What is line {n} of {p}? [Write|Save] it [to|into] {q}", "{GET} {p}, then {SAVE} [line {n}|the {o} line] [to|into|in] {q}",
        "{q} should contain [line {n}|the {o} line] of {p}", "Extract [line {n}|the {o} line] of {p} and [write|save] it to {q}",
    ],
    "two_keys": [
        "[What are|Tell me|Give me|Find|Report] {k} in {p} and {l} in {q}[?|]", "[Read|Get|Look up] {k} from {p} and {l} from {q}", "Tell me [the value of |]{k} in {p} and [the value of |]{l} in {q}",
        "What is {k} in {p}, and what is {l} in {q}?", "[Look up|Find] {k} in {p} and {l} in {q}", "I need {k} from {p} and {l} from {q}", "What are the values of {k} in {p} and of {l} in {q}?",
        "Report the value of {k} in {p} and that of {l} in {q}", "[Read|Open] {p} and {q} and tell me {k} of the first and {l} of the second", "What is {k} in {p}? And {l} in {q}?",
    ],
    "find_read": [
        "{FIND} [the file ||]{f} [under|below|in] {d} and [tell me|give me|say|report] [the value of {k}|its {k}|what {k} is|{k}]", "Find {f} [under|below] {d}, read it and [report|tell me] [the value of |]{k}",
        "What is {k} in the file {f}[,|] somewhere [under|below|in] {d}?", "Somewhere [under|below|in] {d} is {f}. What is {k} in it?", "In {d} there is a file {f}[ somewhere|]: what is its {k}?",
        "[Search|Look through] {d} for {f} and [tell me|report] [the value of {k}|its {k}|{k}]", "Which value does {k} have in {f}, somewhere [under|below] {d}?", "Locate {f} [under|in] {d} and look up {k}",
        "[Search for|Locate] {f} in {d}, open it and tell me {k}",
    ],
    "find_read_write": [
        "{FIND} [the file ||]{f} [under|below|in] {d}, [read|open] it[,| and] [and |]{SAVE} the value of {k} [to|into] {q}", "Find {f} [under|below] {d} and copy its {k} [to|into] {q}",
        "Find {f} [under|below|in] {d}, read its {k} and {SAVE} [it|the value] [to|into] {q}", "Write the {k} of {f}, somewhere [under|below|in] {d}, [to|into] {q}",
        "Somewhere [under|below|in] {d} is {f}[: |. ][find it and |Find it and |]write its {k} [to|into] {q}", "Locate {f} in {d}, [get|take] [its {k}|the value of {k}] and [write|save|put] it [to|into|in] {q}",
        "[Search|Look through] {d} for {f}, then [copy|{SAVE}] [the value of {k} in it|its {k}] [to|into] {q}", "Search {d} for {f}, read {k} in it and [write|save] it to {q}",
        "In {d} there is a file {f} [somewhere|]. [Write|Copy|Save] [its {k}|the value of {k} in it] [to|into] {q}", "What is {k} in {f}, somewhere [under|below] {d}? Write it to {q}",
    ],
    "find_read_mkdir_write": [
        "Find {f} [under|below|in] {d}, read [its {k}|the value of {k}], [create|make] the {DIRECTORY} {e} and {SAVE} [the value|it] [to|into] {q}",
        "[Search for|Locate|Find] {f} [under|below|in] {d}, [create|make] the {DIRECTORY} {e} and write the value of {k} [to|into] {q}",
        "[Create|Make] [a directory|the folder|a folder|the directory] {e}[ and|, then] write the value of {k} from the file {f}, somewhere [under|below|in] {d}, [to|into] {q}",
        "Look for {f} in {d} and read {k}; then make {e} and {SAVE} the value [to|into|in] {q}", "Find {f} in {d} and read its {k}. [Create|Make] the {DIRECTORY} {e} and [write|save] it to {q}",
        "Somewhere [under|in] {d} is {f}: read its {k}, make the [folder|directory] {e} and write the value to {q}",
    ],
    "mkdir_write": [
        "{MAKE} [the|a|a new] {DIRECTORY} {e} and {SAVE} {c} [to|into|in] {p}", "{MAKE} a {DIRECTORY} {e} with a file {f} [containing|that says|with the text] {c}",
        "In {d}, [create|make] a {DIRECTORY} [named|called] {x} with a file {f} [containing|that says] {c}", "First [make|create] {e}, then {SAVE} {c} [to|into|in] {p}",
        "{MAKE} {e} and in it [a|the] file {f} [with the text|that says|containing|with] {c}", "[Write|Save|Put] {c} [to|into] {p}; [make|create] the [folder|directory] {e} first",
        "{MAKE} the {DIRECTORY} {e}[.| and] [Then write|put] {c} [to|into] {f} [there|in it]", "{MAKE} a {DIRECTORY} [named|called] {x} in {d} and write {c} to {f} [in it|there]",
    ],
    "mkdir_write_write": [
        "{MAKE} the {DIRECTORY} {e} and write two files in it: {f} [with|containing] {c} and {g} [with|containing] {b}", "{MAKE} a {DIRECTORY} {e} with two files: {f} [with|containing] {c}, {g} [with|containing] {b}",
        "{MAKE} [a|the] [new |]{DIRECTORY} {e}, [then |]{SAVE} {c} [to|into] {p} and {b} [to|into] {q}", "Write {c} [to|into] {p} and {b} [to|into] {q}; [make|create] {e} first",
        "{MAKE} {e}, [then |]put {c} [in|into] {f} and {b} [in|into] {g} [there|in it]", "{MAKE} the {DIRECTORY} {e}. In it, write {c} to {f} and {b} to {g}",
        "In {d}, [create|make] a {DIRECTORY} [named|called] {x} with two files: {f} [containing|with] {c} and {g} [containing|with] {b}",
        "{MAKE} {e} and in it [the files |]{f}, which says {c}, and {g}, which says {b}",
        "First make {e}, then write {c} to {p}, then {b} to {q}",
        "{MAKE} the {DIRECTORY} {e}, write {c} to {p}, and write {b} to {q}",
    ],
    "mkdir_write_write_list": [
        "{MAKE} the {DIRECTORY} {e}, {SAVE} {c} [to|into] {p} and {b} [to|into] {q}, then [list|show] [{e}|it|the {DIRECTORY}]", "{MAKE} {e}, write {c} to {p} and {b} to {q}, and list it",
        "{MAKE} {e}, put {c} [in|into] {f} and {b} [in|into] {g} there, and [then |]list the {DIRECTORY}",
        "{MAKE} the {DIRECTORY} {e} with the files {f} ([containing|with] {c}) and {g} ([containing|with] {b}), then [show|list] what is in it",
        "{MAKE} a {DIRECTORY} {e} with two files: {f} [with|containing] {c} and {g} [with|containing] {b}. Then list {e}",
    ],
    "mkdir_move_move": [
        "{MAKE} [the|a|a new] {DIRECTORY} {e} and move {p} and {q} [into it|there]", "In {d}, [create|make] a {DIRECTORY} [named|called|] {x} and move {f} and {g} into it", "Move {p} and {q} into a new [folder|directory] {e}",
        "{MAKE} {e}, then move [both |]{p} and {q} [there|into it]", "First make {e}, then move {p} and then {q} [there|into it]", "{MAKE} {e}. [Then move|Move] {p} and {q} [there|into it]",
        "{MAKE} a {DIRECTORY} [called|named|] {x} in {d} and put {f} and {g} [there|in it]", "Put {p} and {q} [together |]in a new [folder|directory] {e}", "In {d}, move {f} and {g} into a new [folder|directory] {x}",
    ],
    "mkdir_move_move_list": [
        "{MAKE} the {DIRECTORY} {e}, move {p} and {q} into it, then list [{e}|it]", "In {d}, [create|make] a {DIRECTORY} [named|called] {x}, move {f} and {g} into it and list it",
        "{MAKE} {e}, [move|put] {p} and {q} there and [show me|list] what is in it", "Move {p} and {q} into a new {DIRECTORY} {e}, then list {e}", "{MAKE} {e}. Move {p} and {q} into it. List {e}",
    ],
    "list_read_move": [
        "List {d}, read line 1 of the {a} file in it and move that file [to|into] {e}", "There is one {a} file in {d}. Tell me its first line and move it [to|into] {e}",
        "List {d}, [quote|tell me|read|give me] the first line of the only {a} file and move it [to|into] {e}", "In {d} is one {a} file: [quote|tell me] its first line, then move it [to|into] {e}",
        "Find the only {a} file in {d}, [quote|tell me] its first line and move it [to|into] {e}", "Look into {d}, read [line 1|the first line] of the {a} file there and move [the file|it] [to|into] [the folder |]{e}",
        "[What is|Quote] the first line of the {a} file in {d}? Then move the file [to|into] {e}",
    ],
    "count_to_file": [
        "Count the {k} files in {d} and [write|save|put] the number [to|into|in] {q}", "[Write|Save|Put|Store] the number of {k} files in {d} [to|into] {q}",
        "How many {k} files are [there |]in {d}? [Write|Save|Put] [the number|it] [to|into|in] {q}", "Count [all |]{k} files in {d} and [save|write] the [count|result] [to|into] {q}",
        "Find out how many {k} files are in {d} and [write|save|put] the number [to|into|in] {q}", "{q} should contain the number of {k} files in {d}", "In {d}, count the {k} files; [write|save] the number to {q}",
    ],
    "biggest_to_file": [
        "Find the table with the most rows and [write|save|put] its name [to|into|in] {q}", "Which table has the most rows? [Write|Save|Put] its name [to|into|in] {q}",
        "[Write|Save|Put] the name of the [largest|biggest] table [to|into|in] {q}", "[Write|Save] [the name of |]the table with the most rows [to|into] {q}", "Find the [largest|biggest] table [of|in] the database and write its name [to|into] {q}",
        "Look up which table has the most rows and [write|put|save] the name [to|into|in] {q}", "{q} should contain the name of the largest table",
    ],
    "time_to_file": [
        "[Write|Save|Put] the [current |]time in {z} [to|into|in] {q}", "[Get|Look up|Check] the [current |]time in {z} and [write|save|put] it [to|into|in] {q}", "What time is it in {z}? [Write|Save|Put] it [to|into|in] {q}",
        "[Find out|Look up] what time it is in {z} and [write|save] it [to|into] {q}", "{q} should contain the time in {z}", "Note the time in {z} in {q}",
    ],
}  # fmt: skip

HELD_OUT: dict[str, list[str]] = {
    "key_to_file": ["Please save the value of {k} in {p} into {q}", "Open {p} and write the value of {k} into {q}"],
    "line_to_file": ["Please write the {o} line of {p} into {q}", "Open {p} and save line {n} to {q}"],
    "two_keys": ["Please tell me {k} from {p} and {l} from {q}", "Which values have {k} in {p} and {l} in {q}?"],
    "find_read": ["Look for {f} under {d} and tell me the value of {k}", "Under {d}, find {f} and say what {k} is"],
    "find_read_write": ["Look for {f} under {d}, read the value of {k} and save it to {q}", "Find the file {f} in {d}, read it and put its {k} into {q}"],
    "find_read_mkdir_write": ["Find the file {f} under {d}, read the value of {k}, make the folder {e} and save the value in {q}"],
    "mkdir_write": ["Make the new folder {e} and then write {c} into {p}", "Make a folder {e}, and in it write {c} into the file {f}"],
    "mkdir_write_write": ["Make a folder {e}, write {c} into {p} and write {b} into {q}", "Create the folder {e} with two files in it: {f} containing {c} and {g} containing {b}"],
    "mkdir_write_write_list": ["Make the folder {e}, write {c} into {p}, write {b} into {q} and then list {e}"],
    "mkdir_move_move": ["Make a folder {e} and then move {p} and {q} into it", "Move both {p} and {q} to the folder {e}, which you make first"],
    "mkdir_move_move_list": ["Make the folder {e}, then move {p} and {q} into it and list {e}"],
    "list_read_move": ["List {d}, tell me line 1 of its only {a} file and then move that file into {e}"],
    "count_to_file": ["Please count the {k} files in {d} and save the number in {q}", "Save how many {k} files {d} has in {q}"],
    "biggest_to_file": ["Tell me which table has the most rows and save its name to {q}"],
    "time_to_file": ["Find the current time in {z} and save it in {q}"],
}  # fmt: skip
