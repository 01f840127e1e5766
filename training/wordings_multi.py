"""Wordings of the tasks that take several calls. See wordings.py for the form."""

TRAINED: dict[str, list[str]] = {
    "key_to_file": [
        "[Read|Open] {p}, [get|take|find] the value of {k} and [write|save|put] it [to|into] {q}", "Copy the value of {k} [from|in] {p} [to|into] {q}",
        "[Write|Save|Put] the value of {k} from {p} [to|into|in] [the file |]{q}", "[Look up|Find] {k} in {p} and [write|save] its value [to|into] {q}",
    ],
    "line_to_file": [
        "[Copy|Write|Save] line {n} of {p} [to|into] {q}", "Read {p} and [write|save|put] [its {o} line|line {n}] [to|into] {q}",
        "[Take|Get] the {o} line of {p} and [write|save] it [to|into] {q}",
    ],
    "two_keys": [
        "[What are|Tell me] {k} in {p} and {l} in {q}[?|]", "Read {k} from {p} and {l} from {q}", "Tell me [the value of |]{k} in {p} and [the value of |]{l} in {q}",
    ],
    "find_read": [
        "[Find|Search for|Locate] [the file |]{f} [under|below|in] {d} and tell me [the value of|its] {k}", "Find {f} [under|below] {d}, read it and [report|tell me] [the value of |]{k}",
        "What is {k} in the file {f} somewhere [under|below] {d}?",
    ],
    "find_read_write": [
        "[Find|Search for|Locate] [the file |]{f} [under|below|in] {d}, read it[,| and] and [write|save|put] the value of {k} [to|into] {q}",
        "Find {f} [under|below|in] {d}, read its {k} and [write|save] [it|the value] [to|into] {q}",
        "Somewhere [under|below] {d} is {f}: [find it and |]write its {k} [to|into] {q}",
        "[Search|Look through] {d} for {f}, then copy the value of {k} in it [to|into] {q}",
    ],
    "find_read_mkdir_write": [
        "Find {f} [under|below|in] {d}, read [its {k}|the value of {k}], [create|make] the [directory|folder] {e} and [write|save|put] the value [to|into] {q}",
        "[Search for|Locate|Find] {f} [under|below|in] {d}, [create|make] the [directory|folder] {e} and write the value of {k} [to|into] {q}",
        "[Create|Make] [a directory|the folder] {e}[ and|, then] write the value of {k} from the file {f}, somewhere [under|below] {d}, [to|into] {q}",
    ],
    "mkdir_write": [
        "[Create|Make] the [directory|folder] {e} and [write|save|put] {c} [to|into] {p}", "[Create|Make] a [directory|folder] {e} with a file {f} [containing|that says] {c}",
        "In {d}, [create|make] a [directory|folder] [named|called] {x} with a file {f} [containing|that says] {c}",
    ],
    "mkdir_write_write": [
        "[Create|Make] the [directory|folder] {e} and write two files in it: {f} [with|containing] {c} and {g} [with|containing] {b}",
        "[Create|Make] [a|the] [directory|folder] {e}, [then |]write {c} [to|into] {p} and {b} [to|into] {q}",
        "[Create|Make] {e}, [then |]put {c} [in|into] {f} and {b} [in|into] {g} [there|in it]",
        "In {d}, [create|make] a [directory|folder] [named|called] {x} with two files: {f} [containing|with] {c} and {g} [containing|with] {b}",
    ],
    "mkdir_write_write_list": [
        "[Create|Make] the [directory|folder] {e}, write {c} [to|into] {p} and {b} [to|into] {q}, then list {e}",
        "[Create|Make] {e}, put {c} [in|into] {f} and {b} [in|into] {g} there, and [then |]list the [directory|folder]",
        "[Create|Make] the [directory|folder] {e} with the files {f} ([containing|with] {c}) and {g} ([containing|with] {b}), then [show|list] what is in it",
    ],
    "mkdir_move_move": [
        "[Create|Make] the [directory|folder] {e} and move {p} and {q} into it", "In {d}, [create|make] a [directory|folder] [named|called|] {x} and move {f} and {g} into it",
        "[Create|Make] {e}, then move [both |]{p} and {q} [there|into it]",
    ],
    "mkdir_move_move_list": [
        "[Create|Make] the [directory|folder] {e}, move {p} and {q} into it, then list {e}", "In {d}, [create|make] a [directory|folder] [named|called|] {x}, move {f} and {g} into it and list it",
    ],
    "list_read_move": [
        "List {d}, read line 1 of the {a} file in it and move that file [to|into] {e}", "There is one {a} file in {d}. Tell me its first line and move it [to|into] {e}",
        "List {d}, [quote|tell me] the first line of the only {a} file and move it [to|into] {e}",
    ],
    "count_to_file": [
        "Count the {k} files in {d} and write the number [to|into] {q}", "Write the number of {k} files in {d} [to|into] {q}",
        "How many {k} files are in {d}? [Write|Save] the number [to|into] {q}",
    ],
    "biggest_to_file": [
        "Find the table with the most rows and write its name [to|into] {q}", "Which table has the most rows? [Write|Save] its name [to|into] {q}",
        "[Write|Save] the name of the [largest|biggest] table [to|into] {q}",
    ],
    "time_to_file": [
        "Write the current time in {z} [to|into] {q}", "[Get|Look up] the time in {z} and [write|save] it [to|into] {q}", "What time is it in {z}? [Write|Save] it [to|into] {q}",
    ],
}  # fmt: skip

HELD_OUT: dict[str, list[str]] = {
    "key_to_file": ["Please save the value of {k} in {p} into {q}", "Open {p} and write the value of {k} into {q}"],
    "line_to_file": ["Please write the {o} line of {p} into {q}", "Open {p} and save line {n} to {q}"],
    "two_keys": ["Please tell me {k} from {p} and {l} from {q}"],
    "find_read": ["Look for {f} under {d} and tell me the value of {k}"],
    "find_read_write": ["Look for {f} under {d}, read the value of {k} and save it to {q}", "Find the file {f} in {d}, read it and put its {k} into {q}"],
    "find_read_mkdir_write": ["Find the file {f} under {d}, read the value of {k}, make the folder {e} and save the value in {q}"],
    "mkdir_write": ["Make the new folder {e} and then write {c} into {p}"],
    "mkdir_write_write": ["Make a folder {e}, write {c} into {p} and write {b} into {q}", "Create the folder {e} with two files in it: {f} containing {c} and {g} containing {b}"],
    "mkdir_write_write_list": ["Make the folder {e}, write {c} into {p}, write {b} into {q} and then list {e}"],
    "mkdir_move_move": ["Make a folder {e} and then move {p} and {q} into it"],
    "mkdir_move_move_list": ["Make the folder {e}, then move {p} and {q} into it and list {e}"],
    "list_read_move": ["List {d}, tell me line 1 of its only {a} file and then move that file into {e}"],
    "count_to_file": ["Please count the {k} files in {d} and save the number in {q}"],
    "biggest_to_file": ["Tell me which table has the most rows and save its name to {q}"],
    "time_to_file": ["Find the current time in {z} and save it in {q}"],
}  # fmt: skip
