"""Tasks in files that one thinks of first; only for the report."""

from __future__ import annotations

from random import Random

from real_models import judging as j
from real_models.clauses import settles_on
from real_models.registry import everyday
from real_models.tasks.words import lines, people
from real_models.values import file_amount, items, moved, says_count
from real_models.world import Case, Done, Ending, World

FILES = "filesystem"


@everyday("plain-question", 0, FILES)
def split_the_bill(random: Random) -> Case:
    """No tool is needed: a division."""
    guests = random.randrange(3, 7)
    share = random.randrange(1805, 3995, 5)
    total = share * guests
    prompt = random.choice(
        [
            f"We were {guests} people at dinner and the bill came to {total / 100:.2f} francs. How much does each of us pay if we split it evenly?",
            f"dinner was {total / 100:.2f} chf for the {guests} of us, we split it evenly. whats everyones share",
            f"{total / 100:.2f} francs shared equally by {guests} people = how much each?",
        ]
    )
    check = j.all_of(j.says_amount(share), j.untouched())
    wrong = (
        Done(f"Each of you pays {total // (guests - 1) / 100:.2f} francs."),
        Done(f"Each of you pays {share / 100 + 1:.2f} francs."),
        Done(f"The bill was {total / 100:.2f} francs."),
        Done("I could not find a file with the bill."),
        Done(f"{share / 100:.2f} francs each, saved.", {"bill.txt": f"{share / 100:.2f}\n"}),
    )
    world = World({"notes/todo.md": "- pay rent\n- call mum\n", "notes/restaurants.md": "- Da Gino\n- Sakura\n"})
    return Case(prompt, world, check, Done(f"Each of you pays {share / 100:.2f} francs."), wrong)


@everyday("read", 1, FILES)
def guest_wifi(random: Random) -> Case:
    trees = random.sample(["Birke", "Ahorn", "Linde", "Tanne", "Eiche", "Buche"], 2)
    main, guest = (f"{tree}{random.randrange(100, 999)}-{random.choice(['See', 'Berg', 'Tal'])}" for tree in trees)
    alarm = str(random.randrange(100000, 999999))
    text = lines(
        *("# House", "", "## Wi-Fi", "", "- network: HomeNet-5G", f"- password: {main}", ""),
        *("## Wi-Fi for guests", "", "- network: HomeNet-Guest", f"- password: {guest}", ""),
        *("## Alarm", "", f"- code: {alarm}", "- off before 22:00", "", "## Bins", "", "- Tuesday: paper"),
    )
    prompt = random.choice(
        [
            "What is the password of the Wi-Fi for guests? It is written down in {home}/notes/house.md.",
            "hey my friend is here and needs the wifi, whats the guest password? its somewhere in {home}/notes/house.md",
            "guest wifi password from {home}/notes/house.md pls",
        ]
    )

    def told(ending: Ending) -> list[str]:
        return [] if guest in ending.answer else [f"the answer lacks {guest!r}"]

    wrong = (
        Done(f"The password is {main}."),
        Done(f"The passwords are {main} and {guest}."),
        Done("The network is called HomeNet-Guest."),
        Done(f"The code is {alarm}."),
        Done(f"The password is {guest[:-1]}."),
    )
    check = j.all_of(told, j.never_says(main, alarm), j.untouched())
    world = World({"notes/house.md": text, "notes/garden.md": "# Garden\n\n- water twice a week\n"})
    return Case(prompt, world, check, Done(f"The guest password is {guest}."), wrong)


@everyday("count-in-folder", 1, FILES)
def fotos_del_viaje(random: Random) -> Case:
    """In Spanish: how many files of one sort a large folder holds."""
    words = ["once", "doce", "trece", "catorce", "quince", "dieciséis", "diecisiete", "dieciocho", "diecinueve"]
    count, rest = random.randrange(11, 20), random.randrange(9, 14)
    place = random.choice(["lisboa", "oporto", "granada", "menorca"])
    numbers = random.sample(range(2041, 2990), count + rest)
    names = [f"IMG_{number}.jpg" for number in numbers[:count]]
    names += [random.choice([f"VID_{number}.mp4", f"IMG_{number}.png"]) for number in numbers[count:]]
    folder = f"fotos/{place}-{random.randrange(2023, 2026)}"
    prompt = random.choice(
        [
            f"¿Cuántas fotos en formato .jpg hay en la carpeta {{home}}/{folder}? No cuentes los vídeos ni los .png.",
            f"oye, cuantos jpg tengo en {{home}}/{folder}? los videos y los png no me interesan",
            f"Número de archivos .jpg en {{home}}/{folder}",
        ]
    )
    check = j.all_of(says_count(count, words[count - 11], words[count - 11].replace("é", "e")), j.untouched())
    wrong = (
        Done(f"Hay {count + rest} fotos."),
        Done(f"Hay {count + 1} archivos .jpg."),
        Done(f"Hay {words[count - 12] if count > 11 else 'diez'} fotos."),
        Done("\n".join(sorted(names))),
        Done("\n".join(f"{number}. {name}" for number, name in enumerate(sorted(names), 1))),
    )
    world = World({**{f"{folder}/{name}": f"{name}\n" for name in names}, "fotos/leeme.txt": "Copias de seguridad\n"})
    return Case(prompt, world, check, Done(f"En la carpeta hay {count} fotos .jpg."), wrong)


@everyday("long-log", 1, FILES)
def failed_payment(random: Random) -> Case:
    orders = random.sample(range(40100, 48999), 60)
    failed, place = orders[0], random.randrange(95, 130)
    texts = [
        *(f"INFO  payment of order {order} accepted" for order in orders[1:]),
        *("INFO  cleanup finished, 0 errors" for _ in range(30)),
        *(f"WARN  queue is slow ({random.randrange(200, 900)} ms)" for _ in range(20)),
        *(f"INFO  session opened for user {random.randrange(11, 99)}" for _ in range(45)),
    ]
    random.shuffle(texts)
    texts.insert(place, f"ERROR payment of order {failed} failed: card expired")
    log = lines(*(f"2026-03-02 {8 + at // 12:02}:{at % 12 * 5:02} {text}" for at, text in enumerate(texts)))
    prompt = random.choice(
        [
            "There is exactly one ERROR in the log {home}/logs/shop.log. Which order was it about? Please tell me the order number.",
            "one payment failed yesterday, it must be in {home}/logs/shop.log as ERROR. can you look which order that was?",
            "which order number has the ERROR line in {home}/logs/shop.log?",
        ]
    )
    others = [str(order) for order in orders[1:]]
    check = j.all_of(j.says(str(failed)), j.never_says(*others), j.untouched())
    wrong = (
        Done(f"It was order {orders[1]}."),
        Done("There are 0 errors in the log."),
        Done("The card had expired."),
        Done(f"Orders {failed} and {orders[2]}."),
        Done(f"Order {failed + 1}"),
    )
    world = World({"logs/shop.log": log, "logs/mail.log": "2026-03-02 08:00 INFO  started\n"})
    return Case(prompt, world, check, Done(f"The ERROR is about order {failed} (card expired)."), wrong)


@everyday("append", 2, FILES)
def lista_della_spesa(random: Random) -> Case:
    """In Italian: one more item on a list."""
    there = random.sample(["pane", "uova", "mozzarella", "pomodori", "caffè", "limoni", "pasta", "basilico"], 5)
    new = random.choice(["latte d'avena", "carta da forno", "olio d'oliva", "lievito di birra"])
    path, old = "liste/spesa.md", lines("# Spesa", "", *(f"- {each}" for each in there))
    prompt = random.choice(
        [
            f"Per favore aggiungi «{new}» alla mia lista della spesa, il file {{home}}/liste/spesa.md. Le altre voci devono restare.",
            f"ciao! mi metti anche {new} sulla lista della spesa? è in {{home}}/liste/spesa.md",
            f"{{home}}/liste/spesa.md: aggiungere {new}",
        ]
    )

    def complete(ending: Ending) -> list[str]:
        text = ending.after.files.get(path, "")
        given = items(text)
        faults = [] if "# Spesa" in text else ["the heading is gone"]
        if sorted(given) != sorted([*there, new]):
            faults.append(f"the list holds {given}")
        return faults + ([] if [each for each in given if each != new] == there else ["the others were changed"])

    right = {path: f"{old}- {new}\n"}
    wrong = (
        Done("Aggiunto.", {path: f"{old}- {new}\n- {new}\n"}),
        Done("Aggiunto.", {path: f"- {new}\n"}),
        Done("Aggiunto.", {path: old.replace(f"- {there[-1]}", f"- {new}")}),
        Done("Aggiunto.", {path: old.rstrip("\n") + f" {new}\n"}),
        Done("Aggiunto.", {"liste/regali.md": f"# Regali\n\n- libro per Mira\n- {new}\n"}),
        Done(f"Ho aggiunto {new} alla lista."),
    )
    world = World({path: old, "liste/regali.md": "# Regali\n\n- libro per Mira\n"})
    return Case(prompt, world, j.all_of(complete, j.untouched(path)), Done("Aggiunto.", right), wrong)


@everyday("edit-config", 2, FILES)
def port_de_test(random: Random) -> Case:
    """In French: one value of one section, while another section has the same line."""
    old, new = random.sample([8080, 8000, 3000, 5000, 9090], 2)
    host = random.choice(["exemple", "atelier", "boutique"])
    path = "deploiement/serveurs.yaml"

    def text(production: int, test: int) -> str:
        return lines(
            *("# Serveurs", "production:", f"  host: www.{host}.fr", f"  port: {production}", "  debug: false", ""),
            *("test:", f"  host: test.{host}.fr", f"  port: {test}", "  debug: true", "", "timeout: 30"),
        )

    prompt = random.choice(
        [
            f"Dans {{home}}/{path}, remplacez le port du serveur de test par {new}, s'il vous plaît. Le serveur de production et le reste ne doivent pas changer.",
            f"salut, tu peux mettre le serveur de test sur le port {new} dans {{home}}/{path} ? la prod on y touche pas",
            f"{{home}}/{path} : port de test -> {new}, rien d'autre",
        ]
    )
    world = World({path: text(old, old), "deploiement/LISEZMOI.md": f"# Déploiement\n\nPort par défaut : {old}\n"})
    wrong = (
        Done("C'est fait.", {path: text(new, old)}),
        Done("C'est fait.", {path: text(new, new)}),
        Done("C'est fait.", {path: f"test:\n  port: {new}\n"}),
        Done("C'est fait.", {path: text(old, new).replace("  debug: true\n", "")}),
        Done("C'est fait.", {path: text(old, old) + f"port: {new}\n"}),
        Done(f"Le port de test est maintenant {new}."),
    )
    check = j.all_of(j.file_is(path, text(old, new)), j.untouched(path))
    return Case(prompt, world, check, Done("C'est fait.", {path: text(old, new)}), wrong)


@everyday("compare-lists", 2, FILES)
def no_reply_yet(random: Random) -> Case:
    guests = people(random, 8)
    silent = random.sample(guests, 2)
    replied = random.sample([each for each in guests if each not in silent], 6)
    answers = [random.choice(["yes", "yes", "no"]) for _ in replied]
    invited = lines("name,table", *(f"{guest},{1 + at % 3}" for at, guest in enumerate(guests)))
    replies = lines("name,coming", *(f"{name},{said}" for name, said in zip(replied, answers, strict=True)))
    prompt = random.choice(
        [
            "Who was invited ({home}/wedding/invited.csv) but has not answered yet? The answers so far are in {home}/wedding/replies.csv.",
            "i need to chase people for the wedding. invited.csv has all the guests and replies.csv those who've answered (both in {home}/wedding), who do i still have to call?",
            "compare {home}/wedding/invited.csv with {home}/wedding/replies.csv - which names are missing in the replies?",
        ]
    )

    def short(name: str) -> str:
        return name.split()[0]

    claim = r"missing|absent|n['’]t\b|\bnot\b|\bno (?:reply|replies|answer|response)|still|\byet\b|\bcall\b|\bonly in\b|\bbut\b"
    check = j.all_of(settles_on(map(short, silent), map(short, replied), claim), j.untouched())
    wrong = (
        Done(f"{silent[0]} has not answered yet."),
        Done(f"{silent[0]}, {silent[1]} and {replied[0]} have not answered yet."),
        Done(", ".join(guests)),
        Done(f"Everybody has answered: {', '.join(guests)}."),
        Done(f"{replied[0]} and {replied[1]}"),
        Done("All guests have answered."),
    )
    files = {"wedding/invited.csv": invited, "wedding/replies.csv": replies, "wedding/menu.md": "# Menu\n\n- Soup\n"}
    return Case(prompt, World(files), check, Done(f"{silent[0]} and {silent[1]} have not answered yet."), wrong)


@everyday("tidy-up", 3, FILES)
def pdfs_out_of_downloads(random: Random) -> Case:
    pdfs = random.sample(
        ["ticket-zurich", "manual-washer", "invoice-march", "payslip-02", "policy"], random.choice([2, 3])
    )
    rest = random.sample(["setup.exe", "cat.jpg", "song.mp3", "pdf-notes.txt", "budget.xlsx", "beach.png"], 4)
    files = {f"Downloads/{name}": f"{name}\n" for name in (*(f"{pdf}.pdf" for pdf in pdfs), *rest)}
    prompt = random.choice(
        [
            "Please move all the PDF files from {home}/Downloads to {home}/Documents. Everything else stays where it is.",
            "my downloads folder is a mess.. could you put the pdfs from {home}/Downloads into {home}/Documents? just the pdfs",
            "move *.pdf from {home}/Downloads to {home}/Documents",
        ]
    )
    moves = {f"Downloads/{pdf}.pdf": f"Documents/{pdf}.pdf" for pdf in pdfs}

    def put(pairs: list[tuple[str, str]]) -> dict[str, str | None]:
        return {**{old: None for old, _ in pairs}, **{new: files[old] for old, new in pairs}}

    right, extra = [*moves.items()], f"Downloads/{rest[0]}"
    wrong = (
        Done("Moved all PDF files.", put(right[:1])),
        Done("Moved.", put([*right, (extra, f"Documents/{rest[0]}")])),
        Done("Moved.", {new: files[old] for old, new in right}),
        Done("Moved.", {old: None for old, _ in right}),
        Done("Moved.", put([(old, f"Documents/PDF/{pdf}.pdf") for (old, _), pdf in zip(right, pdfs, strict=True)])),
        Done("All PDF files have been moved."),
    )
    check = j.all_of(*(moved(*pair) for pair in right), j.untouched(*moves, *moves.values()))
    world = World({**files, "Documents/lease.pdf": "lease\n", "Documents/cv.docx": "cv\n"})
    return Case(prompt, world, check, Done("Moved.", put(right)), wrong)


@everyday("sum-into-file", 3, FILES)
def receipts_of_the_month(random: Random) -> Case:
    shops = random.sample(["bakery", "bookshop", "chemist", "garage", "grocer"], 3)
    month = random.choice(["january", "february", "march"])
    folder, target = f"receipts/{month}", f"receipts/{month}-total.txt"
    texts, totals = {}, []
    for shop in shops:
        prices = [random.randrange(310, 2900, 5) for _ in range(random.choice([2, 3]))]
        shown = (f"item {at}   {price / 100:.2f}" for at, price in enumerate(prices, 1))
        text = lines(f"{shop.upper()} AT THE STATION", *shown, f"TOTAL CHF {sum(prices) / 100:.2f}", "Thank you!")
        texts[f"{folder}/{shop}.txt"] = text
        totals.append(sum(prices))
    total = sum(totals)
    prompt = random.choice(
        [
            f"Please add up the totals of all receipts in {{home}}/{folder} and write the sum into a new file {{home}}/{target}.",
            f"how much did i spend in {month}? the recipts are in {{home}}/{folder}, add up their totals and put the result in {{home}}/{target} please",
            f"Sum of the TOTAL lines of the receipts in {{home}}/{folder} -> {{home}}/{target}",
        ]
    )
    check = j.all_of(file_amount(target, total), j.untouched(target))
    wrong = (
        Done("Done.", {target: f"{(total - totals[0]) / 100:.2f}\n"}),
        Done("Done.", {target: "".join(f"{each / 100:.2f}\n" for each in totals)}),
        Done("Done.", {target: f"{2 * total / 100:.2f}\n"}),
        Done("Done.", {target: "[sum of the receipts]\n"}),
        Done("Done.", {f"{folder}/total.txt": f"{total / 100:.2f}\n"}),
        Done(f"The sum is {total / 100:.2f}."),
    )
    world = World({**texts, "receipts/old/december.txt": lines("GROCER", "TOTAL CHF 99.00")})
    return Case(prompt, world, check, Done("Done.", {target: f"{total / 100:.2f}\n"}), wrong)


@everyday("find-and-rename", 3, FILES)
def name_that_scan(random: Random) -> Case:
    letters = {
        "car insurance": "Alpina Insurance\n\nYour motor policy for the vehicle BE 48213 is renewed.\nPremium: CHF 612.00\n",
        "dentist": "Dr. Lindqvist, dental practice\n\nInvoice for a filling and a check-up.\nAmount: CHF 240.00\n",
        "landlord": "Sonnhof Properties\n\nDear tenant, your rent rises by CHF 35.00 from May on.\n",
        "school": "Primary school Lindenweg\n\nDear parents, the class trip to the zoo takes place on 12 May.\n",
        "home insurance": "Helvia Insurance\n\nYour household contents are covered up to CHF 50'000.00.\n",
    }
    names = [f"scan{number:04}.txt" for number in random.sample(range(17, 99), len(letters))]
    wanted = random.choice(["car insurance", "dentist", "landlord", "school"])
    where = dict(zip(letters, names, strict=True))
    new = f"{wanted.replace(' ', '-')}.txt"
    prompt = random.choice(
        [
            f"One of the scanned letters in {{home}}/scans is from the {wanted}. Please find out which one and rename it to {new} (in the same folder).",
            f"theres a letter from the {wanted} somewhere in {{home}}/scans but the files are all called scanXXXX. can you rename it to {new}?",
            f"{{home}}/scans: rename the {wanted} letter to {new}",
        ]
    )
    old, target = f"scans/{where[wanted]}", f"scans/{new}"
    files = {f"scans/{where[sender]}": text for sender, text in letters.items()}
    other = next(f"scans/{where[sender]}" for sender in ("home insurance", "school", "dentist") if sender != wanted)
    wrong = (
        Done("Renamed.", {other: None, target: files[other]}),
        Done("Renamed.", {target: files[old]}),
        Done("Renamed.", {old: None, new: files[old]}),
        Done("Renamed.", {old: None, target: "\n"}),
        Done("Renamed.", {old: None}),
        Done(f"It is {where[wanted]}, renamed to {new}."),
    )
    check = j.all_of(moved(old, target), j.untouched(old, target))
    return Case(prompt, World(files), check, Done("Renamed.", {old: None, target: files[old]}), wrong)
