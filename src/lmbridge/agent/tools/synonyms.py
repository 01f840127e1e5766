"""What people say, and the words of tools that it may mean; read from left to right only.

A tool's description says "event", "attendees", "revert"; a task says "appointment", "invite Tom", "take it back". Common
speech has few words for many things, so a word may stand on several lines; the word itself counts more than what it may mean.
"""

from __future__ import annotations

from typing import Final

MEANINGS: Final = """
document doc report paper essay text letter: file document
disk computer laptop desktop: file directory filesystem
folder dir: directory
throw discard trash bin rid clear wipe erase drop: delete remove clear trash
away off out: remove stop
pack shrink bundle: zip compress archive
unpack: unzip extract
call title name: rename name title
copy duplicate twice same identical: copy duplicate clone
big large long heavy small: size
touch change modify alter adjust fix correct: edit update modify change
swap exchange substitute: replace convert
put place set: create update write add put set insert
store keep save remember preserve: save store write create add
make new start begin open: create new start
write compose note jot type enter: write create add
read show see look view display open check tell: read get show view list
say said word words: text content message
fetch grab obtain retrieve bring: get retrieve fetch download
find lookup locate hunt seek discover where: search find list
which what all every: list get
many number amount total much: count list total
list enumerate overview: list
before earlier past previous last lately recent happened history: history log list recent
line: line row append
bottom: append end
permission right rights allowed: permission access
photo picture snapshot drawing: image photo picture screenshot
look looks: screenshot view
code program source script software: code repository python file
project codebase: repository project
commit: commit record
undo back revert restore return rollback: undo revert restore back reset rollback
wrote author: author user blame
aside unfinished shelve: stash draft
upload send push transfer share: upload push send share
download: download get fetch
join combine together unite unify mix: merge
bug problem fault defect trouble: issue bug error
error crash exception failure fail failed broken break: error issue fail failed log
propose suggest offer contribute: create request pull merge
inclusion include: merge pull request
version release publish ship: release version publish tag
library libraries dependency module: library package dependency
security hole vulnerability insecure danger: security vulnerable alert
build pipeline ci: build workflow pipeline job
again retry repeat once: rerun retry
review approve agree opinion: review approve
ticket task story bug: issue ticket task
done finished complete closed solved resolved fixed: status close transition resolve complete
progress state status going: status update state
assign assigned responsible: assignee assigned user
spent hour hours worked: worklog time
comment remark answer reply respond reaction: comment reply note answer respond
database db sql: database sql query
slow slowly fast faster performance speed: slow performance time plan metric
column field attribute: column schema field property
backup safety: backup dump snapshot
user account person people member colleague: user contact member people
group sum aggregate average: aggregate group sum calculate
cache cached: key redis cache
vanish expire expiry lapse: expiration expire
appointment meeting diary lunch dinner breakfast schedule date agenda party: calendar event meeting
postpone delay reschedule move shift later: update move schedule
cancel end stop quit terminate abort halt: cancel stop delete terminate
free available availability busy time: free busy availability time
invitation invite: invitation invite respond attendee
holiday vacation absence absent sick leave: vacation leave off
remind reminder: reminder task
mail email letter post inbox correspondence: email mail message
newsletter: mailing campaign email
attach attached attachment came: attachment file
write wrote tell inform notify let send: send message post
pass onward forward: forward send
boss manager colleague friend client customer: contact user customer
phone phoned call called telephone: call phone contact
chat talk talked conversation discussion talking: message channel chat thread conversation
team: channel team
room: channel
thumb emoji smile like heart: reaction emoji
private privately: direct private
page site website web: page website url web
address link: url address link
internet online web: web internet url search
click press push tap button: click button press
form: form field
enter fill: fill type form
news headline: news article
article encyclopedia: article wikipedia
video film clip: video youtube
paper scientific study research: paper arxiv scientific
pay paid payment money buy cost costs price charge bill owe owed debt: payment invoice cost price charge
refund money back: refund
buyer buyers shopper client purchaser: customer payer
subscription plan monthly membership: subscription plan
owe unpaid due late: overdue invoice due
discount rebate off coupon voucher cheaper: discount coupon percent
receipt expense spending spend: expense cost
profit earn earned earnings income revenue loss: profit loss statement balance
tax taxes: tax vat
euro euros dollar dollars pound yen currency: currency exchange rate
order parcel package shipping delivery shipment: order shipment shipped tracking
stock warehouse inventory: inventory stock
cloud amazon server machine virtual: instance cloud server ec2 aws
bucket: s3 bucket object
shut down turn off: stop off
domain dns: dns record domain
password secret credential: secret password
copies replica instances: replica scale
service application app: service deployment application
container print output printed: container log
cluster: cluster node pod
deploy deployed rollout: deploy rollout revision
busy load cpu processor memory: cpu memory consumption resource metric
wake alarm alert warn warning pager: alert alarm call incident
spreadsheet table excel sheet cell: spreadsheet sheet excel row range
diagram graph plot chart curve: chart graph
sort order rank arrange: sort order
slide talk presentation lecture: presentation slide
share see access allow: share access permission
weather rain sunny snow storm temperature sun umbrella: weather forecast
tomorrow today tonight week: forecast time date
way route road drive walk travel home: direction route travel distance
airport plane flight fly ticket: flight airport
hotel sleep stay overnight room: hotel room stay
train railway station bus: train departure station
restaurant cafe shop bar nearby near close: place location business local
open opening hours: opening hours detail
clock hour late: time
client lead prospect: contact customer company
deal sale sold sell: deal pipeline stage
customer support complaint helpdesk: ticket customer
happy satisfied satisfaction: satisfaction rating
internal invisible hidden: internal agent
crash crashes: error issue sentry
duty oncall: call schedule
outage down offline incident: incident outage status
light lamp lights bulb kitchen: light switch home
warm warmer cold heat heating cooler temperature: temperature thermostat
door gate: door lock
electricity power energy: energy electricity
song music track tune album band singer: track music playlist playback
next previous skip: next skip
loud louder quiet quieter volume: volume
play listen hear: play playback
scan scanned: scan ocr image recognize
say spoken speech voice recording record spoke: audio speech text transcribe
translate french german spanish english language: translate language
summary summarize short gist: summarize summary
sign signed signature contract: sign signature document
draw paint painting art: image generate
cut crop trim: crop cut split resize
convert turn transform format: convert format
test tests works working: test
calculate compute math times plus minus sum: calculate mathematical expression
function method variable class: function symbol code
outdated old obsolete stale: outdated old newer
documentation manual guide usage: documentation library
job applicant candidate applied hire hiring: job candidate applicant
salary wage payslip: salary payslip
tweet social announce: post tweet status publish
know known fact facts knowledge: knowledge entity observation search
relation relationship connection works: relation link
who whom whose: user contact people author
when: time date event
where: location place search
friend: user contact
group: channel group
structure shape layout outline: schema tree structure
fingerprint hash: checksum digest
executable script: mode permission
culprit guilty: bisect blame bug
mark label: tag label mark
coworker partner teammate: collaborator member user
snippet paste: gist code
blocked blocking waiting stuck: lock session wait
connection: session connection
broadcast announce: publish post
iteration sprint fortnight: sprint cycle
topic: epic
follow subscribe: watcher notify subscribe
prepare sketch: draft create
rule automatic automatically: filter automation
paragraph section: block section text
visit go browse: navigate url
choose pick: select option
mouse pointer: hover drag click
popup prompt: dialog
subtitle caption: transcript caption
complaint complain complained: dispute ticket
bank: bank payout balance statement
account: account balance user
temporary temporarily: expiration presign
firewall port: security ingress port
inside within: exec run command
clean cleanup tidy: prune remove clear
withdraw revoke: revoke permission remove
coordinate coordinates latitude longitude position: geocode coordinates latitude longitude
height altitude: elevation
pollution smog pollen: air quality pollution
template canned standard: macro template
mute silent: silence mute
shift duty: override schedule shift
secure: lock security
routine scene: automation trigger
collection favourite favorites: playlist collection
cart basket: cart checkout order
icon logo: image export
pretty beautify: format style
use used usage uses: reference usage documentation
remaining left rest: remaining balance
vacation holidays: vacation leave balance
subscriber signup: subscribe audience
insert append: append insert add
company firm business employer: company
event appointment: event calendar
accept yes confirm: accept respond approve
decline no reject refuse: decline reject respond
blog status: post status
tidy arrange: sort format
graph: chart knowledge
minute minutes protocol: note page
mind: memory observation
stranger applicant: candidate
image container: image docker
setting settings option preference: settings config update
environment variable: environment config secret
log logs output: log output
wiki handbook: page wiki confluence
board kanban: board sprint
deadline due: due date
plan planning: plan create schedule
money: balance payment amount
"""
"""A line for each thing: words of everyday speech, a colon, words of tools."""


def meanings() -> dict[str, frozenset[str]]:
    """Words of tools by word of everyday speech, as they stand in the table."""
    table: dict[str, set[str]] = {}
    for line in MEANINGS.strip().splitlines():
        said, _, meant = line.partition(":")
        for word in said.split():
            table.setdefault(word, set()).update(meant.split())
    return {word: frozenset(meant) for word, meant in table.items()}
