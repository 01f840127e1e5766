"""Words of six languages about conditions: units, what a column is about, what tells nothing of which rows are meant. Pure.

All of them without accents and in small letters, as `plain` writes a text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

_SHORTEST_STEM = 4
_SHORT = 6
"""Letters up to which a word is one with another only where it goes on with an ending: `quiet` is not `quien`."""


def plain(text: str) -> str:
    """A text in small letters without accents, each character in its place: `Höchstens` is as long as `hochstens`."""
    return "".join(map(_plain, unicodedata.normalize("NFC", text)))


def _plain(letter: str) -> str:
    if letter in "\u2019\u02bc\u2018":
        return "'"
    bare = unicodedata.normalize("NFKD", letter)
    marks = all(unicodedata.combining(each) for each in bare[1:])
    small = (bare[0] if marks else letter).lower()
    return small if len(small) == 1 else letter


@dataclass(frozen=True, slots=True)
class Measure:
    """A unit: what it measures, and how much of it.

    Attributes:
        of: The dimension, such as `span` or `chf`; of money each currency is one.
        factor: What a number is multiplied by, so that numbers of one dimension compare.
    """

    of: str
    factor: Decimal = Decimal(1)


MONEY = frozenset({"chf", "eur", "usd", "gbp"})
_UNITS = {
    word: Measure(of, Decimal(factor))
    for of, factor, words in (
        ("chf", "1", "chf sfr fr franken franc francs franco francos franchi"),
        ("eur", "1", "eur euro euros \u20ac"),
        ("usd", "1", "usd dollar dollars dolares dollari $"),
        ("gbp", "1", "gbp \u00a3"),
        ("span", "1", "min mins minute minutes minuten minuto minutos minuti"),
        ("span", "60", "h hr hrs hour hours std stunde stunden heure heures hora horas ora ore"),
        ("bytes", "1", "byte bytes octet octets"),
        ("bytes", "1024", "kb kib ko kilobyte kilobytes"),
        ("bytes", "1048576", "mb mib mo megabyte megabytes"),
        ("bytes", "1073741824", "gb gib go gigabyte gigabytes"),
        ("weight", "1", "g gram grams gramm gramme grammes gramos grammi gramas"),
        ("weight", "1000", "kg kilo kilos kilogram kilograms kilogramm kilogrammes kilogramos chili quilos"),
        ("length", "1", "m meter meters metre metres metro metros metri"),
        ("length", "1000", "km kilometer kilometers kilometre kilometres kilometros chilometri quilometros"),
        ("length", "0.01", "cm"),
        ("length", "0.001", "mm"),
        ("percent", "1", "% percent prozent pourcent"),
        ("degrees", "1", "\u00b0 \u00b0c degrees grad degres grados gradi graus celsius"),
        ("age", "1", "year years jahr jahre jahren an ans annee annees ano anos anni anno"),
    )
    for word in words.split()
}  # fmt: skip
_ABOUT = {
    "money": "price prices priced cost costs costing amount amounts total fee fare rent salary budget preis preise kosten kostet betrag gebuhr miete lohn "
    "gehalt prix cout coute coutent coutant montant tarif loyer salaire precio precios coste costo cuesta cuestan importe tarifa alquiler salario prezzo prezzi "
    "costa costano importo tariffa affitto stipendio preco precos custo custa custam valor montante aluguel pay paying pays earn earns earning verdienen verdient gagnent gagne ganan gana guadagnano ganham zahlen payer pagar pagare",
    "span": "duration dauer dauert dauern duree dure durent duracion dura duran durata durano duracao duram time zeit temps tiempo tempo take takes taking need needs "
    "last lasts lasting prep preparation cook cooking bake baking resting vorbereitung kochzeit backzeit cuisson preparacion coccion cottura brauchen braucht benotigen prend prennent prenant tarda tardan requieren necesitan richiedono impiegano demoram levam runtime laufzeit long ready",
    "bytes": "size sizes bytes grosse gro\u00dfe taille tamano dimensione dimensioni tamanho big large",
    "weight": "weight weigh weighs weighing gewicht wiegen wiegt poids pese pesent peso pesa pesan pesano pesam",
    "length": "distance length entfernung distanz lange strecke longueur distancia longitud distanza lunghezza comprimento",
    "percent": "percent percentage prozent anteil share pourcentage porcentaje percentuale percentagem",
    "degrees": "temperature temperatures temperatur temp temperatura temperaturas temperature",
    "age": "age ages aged alter alt age edad edades eta idade old",
    "year": "year years jahr jahrgang annee ano anno date dates datum data fecha",
    "stock": "stock stocks bestand lagerbestand lager existencias inventario giacenza scorte estoque inventory quantity qty menge anzahl quantite cantidad quantita quantidade",
    "rating": "rating ratings rated score scores bewertung note punkte avaliacao valoracion puntuacion valutazione punteggio nota pontuacao",
    "leaving": "leave leaves leaving depart departs departing departure departures abfahrt abflug abfahren abfliegen fahren fahrt fliegen fliegt losfahren depart part partent "
    "partant salen sale saliendo salida salidas partenza partono parte partida partem saem sai",
    "arriving": "arrive arrives arriving arrival arrivals ankunft ankommen ankommt arrivee arrivent arrivant llegada llegan llega arrivo arrivano arriva chegada chegam chega",
    "opening": "open opens opening offnet offnen ouvre ouvrent abre abren apre aprono abrem",
    "closing": "close closes closing schlie\u00dft schlie\u00dfen schliesst schliessen ferme ferment cierra cierran chiude chiudono fecha fecham",
    "starting": "start starts starting begin begins beginning beginnt beginnen anfang commence commencent debut empieza empiezan comienza comienzan inizio inizia iniziano comeca comecam inicio",
    "ending": "end ends ending endet enden ende finit finissent fin termina terminan fine finisce finiscono terminam",
    "joining": "join joined joining beigetreten eintritt beitritt beitraten rejoint adhesion ingresaron ingreso unieron iscritti iscritto entraram ingressaram member_since",
    "birth": "born birth birthday geboren geburt geburtsjahr geburtsdatum ne nes nee nees naissance nacido nacidos nacida nacidas nacieron nacimiento nati nato nate nata nascita nascidos nascido "
    "nascidas nasceram nascimento",
    "founding": "founded built gegrundet gebaut erbaut baujahr fonde fondee fondes fondees construit construits fundado fundada fundadas construidos fondato fondati costruiti fundados",
    "appearing": "published released erschienen publie publies paru parus publicado publicados publicadas pubblicati pubblicato usciti lancados",
    "due": "due deadline fallig falligkeit echeance vencimiento vence vencen scadenza scadono vencimento vencem",
}  # fmt: skip
"""What a column may be about, with the words by which a task and a column's name speak of it."""
_GROUPS = {about: frozenset(words.split()) for about, words in _ABOUT.items()}
_SAME = tuple(
    frozenset(words.split())
    for words in (
        "hotel hotels hotel hoteles alberghi albergo hoteis", "recipe recipes rezept rezepte recette recettes receta recetas ricetta ricette receita receitas",
        "invoice invoices bill bills rechnung rechnungen facture factures factura facturas fattura fatture fatura faturas",
        "order orders bestellung bestellungen auftrag auftrage commande commandes pedido pedidos ordine ordini encomenda encomendas",
        "flight flights flug fluge vol vols vuelo vuelos volo voli voo voos", "train trains zug zuge tren trenes treno treni comboio comboios trem",
        "member members mitglied mitglieder membre membres miembro miembros membro membri membros socio socios soci",
        "product products produkt produkte artikel article articles produit produits producto productos prodotto prodotti produto produtos",
        "file files datei dateien fichier fichiers archivo archivos ficheiro ficheiros arquivo arquivos", "book books buch bucher livre livres libro libros libri livro livros",
        "room rooms zimmer raum raume chambre chambres salle salles habitacion habitaciones sala salas camera camere stanza stanze quarto quartos",
        "employee employees mitarbeiter mitarbeitende employe employes empleado empleados dipendente dipendenti empregado empregados funcionario funcionarios",
        "customer customers kunde kunden client clients cliente clientes clienti", "tool tools werkzeug werkzeuge outil outils herramienta herramientas attrezzo attrezzi ferramenta ferramentas",
        "city cities stadt stadte ville villes ciudad ciudades citta cidade cidades", "event events termin termine anlass veranstaltungen evenement evenements evento eventos eventi",
        "song songs lied lieder chanson chansons cancion canciones canzone canzoni musica musicas", "course courses kurs kurse cours curso cursos corso corsi",
        "player players spieler joueur joueurs jugador jugadores giocatore giocatori jogador jogadores", "student students schuler studenten eleve eleves alumno alumnos studente studenti aluno alunos",
    )
)  # fmt: skip
"""Names of things that rows are about, each in several languages."""
_PEOPLE = (
    "who wer qui quien quienes chi quem",
    "people persons person personen leute personnes personas persone pessoas",
)
PEOPLE = frozenset(word for words in _PEOPLE for word in words.split())
_STOP = (
    "which what who whom whose list show name names give tell find look looking read get print say return write save put store note create make copy report display filter pick select",
    "into onto to in at on of from for the that those these this there here all please me us my our i we you can could would want wants need know see like also then now",
    "file files folder directory table database db data document page line lines text row rows entry entries item items record records thing things one ones csv json txt it its their they them",
    "have has had is are was were be been being do does did only just by with as a an any some answer answers reply question column value values sorted sort order ordered alphabetically how many much number",
    "use using out up off so than yes got let where when come comes costs currently sum result results contents content short briefly exactly separate separated comma new lying stored which's what's",
    "welche welcher welches welchen wer liste listen zeige zeig zeigt nenne nenn nennt gib gebt sag sage finde suche lies lese schreib schreibe speichere erstelle mach mache notiere ausgeben auf aus",
    "im ins am der die das den dem des ein eine einen einem einer eines von vom zu zum zur fur mit und oder sind ist hat haben war waren wird werden gibt es mir uns ich wir bitte alle aller allen alles",
    "datei dateien ordner tabelle datenbank zeile zeilen eintrag eintrage namen nur auch als sortiert nach wie viele wieviele anzahl steht stehen liegt liegen sich ihre ihren ihr deren drin",
    "quels quelles quel quelle qui que qu quoi lister montre montrer donne donner dis dire trouve trouver lis lire ecris ecrire enregistre cree fais affiche",
    "dans le la les l un une du de d au aux sur et ou est sont ont avec pour s il te plait moi nous je vous tous toutes toute tout fichier fichiers dossier tableau ligne lignes nom noms",
    "seulement combien y en ce ces cette ceux celles leur leurs c n ma mes mon",
    "cuales cual quien quienes lista listar muestra muestrame mostrar dame dime decir encuentra busca lee leer escribe escribir guarda guardar crea haz anota",
    "el los las una unos unas del al con o e son esta estan hay tiene tienen para por favor nos yo todos todas todo archivo archivos carpeta tabla linea lineas fila filas nombre nombres",
    "solo solamente cuantos cuantas cuanto su sus lo se mi mis",
    "quali quale che chi elenca elencare mostra mostrami dammi dimmi trova leggi scrivi salva fai annota",
    "nel nella nei nelle negli nell gli uno di della dei delle degli dell allo alla ai agli da dal dalla dai dalle ed sono ci ha hanno per favore tutti tutte tutto",
    "cartella tabella riga righe nome nomi soltanto quanti quante quanto suo suoi loro si mio miei",
    "quais qual quem mostre diga diz encontra encontre leia escreve escreva guarde salve cria crie",
    "em no na nas os um uma umas dos ao aos pelo pela com sao tem eu tudo ficheiro ficheiros arquivo arquivos pasta tabela linha linhas nomes",
    "apenas quantos quantas seu seus sua suas meu meus",
    "kept held saved recorded found everything everyone everybody whatever jeder jede jedes alles tout todo aufbewahrt gespeichert and or upwards onwards upward onward dabei aufwarts inclus incluido incluso",
)  # fmt: skip
STOP = frozenset(word for words in _STOP for word in words.split())
"""Words that choose nothing among rows."""
SMALL_WORDS = frozenset(word for word in STOP if len(word) < 5)
"""The shorter of them, which name nothing anywhere: `database` may be a section's name, `with` is none."""
MONTHS = {
    beginning: number
    for number, words in enumerate(
        ("jan ene gen", "feb fev", "mar", "apr avr abr", "may mai mag", "jun giu juin", "jul lug juil", "aug aou ago", "sep set", "oct okt ott out", "nov", "dec dez dic"), 1
    )
    for beginning in words.split()
}  # fmt: skip
"""How the months' names begin."""


PIECES = frozenset(
    word
    for words in (
        "piece pieces unit units copy copies",
        "stuck exemplare pieces exemplaires unites",
        "piezas unidades pezzi unita pecas unidades",
    )
    for word in words.split()
)
"""What is counted of a thing in stock."""


def unit(word: str) -> Measure | None:
    """The unit that a word names; None where it names none."""
    return _UNITS.get(plain(word).strip(". "))


def about(word: str) -> set[str]:
    """What a word may be about, of the things that columns are about."""
    return {name for name, words in _GROUPS.items() if plain(word) in words}


def is_about(words: Iterable[str], what: str) -> bool:
    """Whether one of several words speaks of something that a column may be about: of `money`, say."""
    return not _GROUPS[what].isdisjoint(map(plain, words))


def alike(word: str, other: str) -> bool:
    """Whether two words are one, but for an ending, or mean the same thing in two languages."""
    one, two = plain(word), plain(other)
    if one == two or any(one in words and two in words for words in (*_SAME, *_GROUPS.values())):
        return True
    short, long = sorted((one, two), key=len)
    same = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(long) <= _SHORT:
        return same == len(short) >= _SHORTEST_STEM and len(long) - len(short) < 3
    return same >= max(_SHORTEST_STEM, len(long) - 2)


def split_name(name: str) -> list[str]:
    """The words of a column's or file's name: `prepTime_min` is of three."""
    humped = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return [plain(word) for word in re.split(r"[\W_\d]+", humped) if word]
