/** Small inflections of English for generated requests; regular rules plus the irregular words of command lines. */
import { tableOf } from '../text.ts'

const irregularPlural = tableOf({ repository: 'repositories', status: 'statuses', query: 'queries', person: 'people', index: 'indexes', info: 'info', auth: 'auth' })
const irregularPast = tableOf({
  make: 'made', run: 'run', set: 'set', get: 'fetched', show: 'shown', see: 'seen', find: 'found', put: 'put', send: 'sent', build: 'built', write: 'written', read: 'read',
  undo: 'undone', drop: 'dropped', stop: 'stopped', begin: 'begun', take: 'taken', give: 'given', bring: 'brought', shut: 'shut', throw: 'thrown', wipe: 'wiped', pin: 'pinned', unpin: 'unpinned',
  tag: 'tagged', land: 'landed', cut: 'cut', rerun: 'rerun', grab: 'grabbed', kill: 'killed', cancel: 'canceled', submit: 'submitted', edit: 'edited', reopen: 'reopened', open: 'opened', ship: 'shipped', trigger: 'triggered', alter: 'altered', discard: 'discarded', label: 'labeled',
})

/** The plural of a noun phrase: its last word is inflected; "PR" becomes "PRs". */
export function plural(phrase: string): string {
  const words = phrase.split(' ')
  const last = words.pop()!
  const lower = last.toLowerCase()
  const inflected = irregularPlural[lower]
    ?? (/[^aeiou]y$/.test(lower) ? last.slice(0, -1) + 'ies' : /(ss|x|ch|sh)$/.test(lower) ? last + 'es' : /s$/.test(lower) ? last : last + 's')
  return [...words, inflected].join(' ')
}

/** "an issue", "a pull request", "a user", "an SSH key". */
export function withArticle(phrase: string): string {
  const first = phrase.split(' ')[0]!
  const vowel = /^[A-Z]{2,}/.test(first) ? /^[AEFHILMNORSX]/.test(first) : /^[aeiou]/i.test(first) && !/^(uni|use|user|url|one|eu)/i.test(first)
  return `${vowel ? 'an' : 'a'} ${phrase}`
}

const doubles = (verb: string) => /^[^aeiou]*[aeiou][bdgklmnprt]$/.test(verb) || /^(unpin|rerun|submit|begin)$/.test(verb)

/** The gerund of a verb phrase's first word: "get rid of" becomes "getting rid of". */
export function gerund(phrase: string): string {
  const [verb = '', ...rest] = phrase.split(' ')
  const form = /[^eyo]e$/.test(verb) ? verb.slice(0, -1) + 'ing' : doubles(verb) && !/[wxy]$/.test(verb) ? verb + verb.at(-1) + 'ing' : verb + 'ing'
  return [form, ...rest].join(' ')
}

/** The past participle of a verb phrase's first word: "close out" becomes "closed out". */
export function pastParticiple(phrase: string): string {
  const [verb = '', ...rest] = phrase.split(' ')
  const form = irregularPast[verb] ?? (/e$/.test(verb) ? verb + 'd' : /[^aeiou]y$/.test(verb) ? verb.slice(0, -1) + 'ied' : doubles(verb) && !/[wxy]$/.test(verb) ? verb + verb.at(-1) + 'ed' : verb + 'ed')
  return [form, ...rest].join(' ')
}

const small = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve', 'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen', 'twenty']

const round: Record<number, string> = { 30: 'thirty', 40: 'forty', 50: 'fifty', 60: 'sixty', 100: 'a hundred', 200: 'two hundred' }

/** "five" for 5, "fifty" for 50; undefined where people write digits. */
export const numberWord = (value: number): string | undefined => small[value] ?? round[value]

/** "view", "edit" … as other people say them. Keys are names that command lines share. */
export const verbSynonyms = tableOf<readonly string[]>({
  list: ['list', 'show', 'show me', 'display', 'see', 'get', 'give me', 'find', 'print', 'list all', 'show all', 'list out', 'pull up', 'fetch', 'enumerate'],
  ls: ['list', 'show', 'show me', 'display', 'see', 'get'],
  view: ['view', 'show', 'show me', 'display', 'see', 'look at', 'get', 'pull up', 'inspect', 'check', 'read'],
  show: ['show', 'show me', 'display', 'see', 'view', 'print', 'get'],
  get: ['get', 'show', 'show me', 'display', 'fetch', 'see', 'print', 'give me'],
  create: ['create', 'make', 'add', 'start', 'set up', 'create new', 'generate'],
  new: ['create', 'make', 'add', 'start'],
  add: ['add', 'create', 'put in', 'register'],
  delete: ['delete', 'remove', 'drop', 'get rid of', 'trash', 'nuke', 'erase', 'kill', 'destroy', 'wipe'],
  remove: ['remove', 'delete', 'drop', 'get rid of', 'take out'],
  rm: ['remove', 'delete', 'drop', 'get rid of'],
  edit: ['edit', 'change', 'update', 'modify', 'tweak'],
  update: ['update', 'change', 'modify', 'refresh'],
  close: ['close', 'shut', 'close out', 'close off'],
  reopen: ['reopen', 're-open', 'open again'],
  run: ['run', 'start', 'trigger', 'kick off', 'launch', 'fire off'],
  start: ['start', 'launch', 'begin', 'kick off', 'boot up'],
  stop: ['stop', 'halt', 'end', 'shut down'],
  cancel: ['cancel', 'stop', 'abort', 'kill', 'call off'],
  restart: ['restart', 'bounce', 'reboot'],
  rerun: ['rerun', 're-run', 'retry', 'run again', 'redo'],
  download: ['download', 'get', 'fetch', 'grab', 'save', 'pull down'],
  upload: ['upload', 'attach', 'add', 'push', 'send up'],
  clone: ['clone', 'download', 'copy', 'get a copy of'],
  checkout: ['check out', 'checkout', 'switch to'],
  merge: ['merge', 'merge in', 'land', 'ship'],
  search: ['search', 'search for', 'find', 'look for', 'look up'],
  watch: ['watch', 'follow', 'monitor', 'keep an eye on'],
  rename: ['rename', 'change the name of'],
  enable: ['enable', 'turn on', 'activate', 'switch on'],
  disable: ['disable', 'turn off', 'deactivate', 'switch off'],
  install: ['install', 'add', 'set up'],
  uninstall: ['uninstall', 'remove'],
  send: ['send', 'post', 'fire off'],
  set: ['set', 'change', 'configure'],
  lock: ['lock'], unlock: ['unlock'], pin: ['pin'], unpin: ['unpin'],
  describe: ['describe', 'show details of', 'show the details of', 'inspect', 'tell me about'],
  scale: ['scale', 'resize'],
  copy: ['copy', 'duplicate'],
  move: ['move', 'transfer'],
  comment: ['comment on', 'leave a comment on', 'add a comment to'],
  review: ['review'],
  fork: ['fork'], sync: ['sync', 'synchronize', 'bring up to date'], archive: ['archive'],
  login: ['log in', 'sign in', 'login'], logout: ['log out', 'sign out', 'logout'],
})

/** What people say around any request; stems, without apostrophes. */
export const everyday: ReadonlySet<string> = new Set(
  `a about above across actually add after again against ago ah all allow along already also although always am among an and another any anybody anyone anything anyway anywhere apart are arent around as ask asap assign at attach
  automatically available away awesome back bad be because become been before begin behind being believe below belong beside best better between big bit both brand bring bug but by call came can cant cannot care carry case cause certain certainly change check choose
  chronological clean clear cleverly close collect com come complete contain containing content cool correct could couldnt count couple crazy cross current cut daily date day dear decide default definitely delete describe detail did didnt different directly display do doc does doesnt
  doing done dont double down drop due during each earlier early easy edit either else empty end enough entire especially etc even ever every everybody everyone everything everywhere exact exactly example except exist existing expect extra fast feel few fewer figure file fill final finally find fine
  finish first fix follow for forget form found free fresh from full further gave generate get gimme give given glad go goes going gone gonna good got gotta grab great group guess guy had half hand handle hang happen hard has have havent having he head hear hello help her here hey hi hidden high
  him his hit hold home hope hour how however hurry i id idea if ill im immediately important in include including info inside instead interested into is isnt it item its itself ive just keep kind kindly know known large last late lately later latest least leave left less let lets like limit line list
  little live local locally lol long longer look lost lot low made main make manage many matter max maximum may maybe me mean mention middle might min mind mine minimum minute mistake moment month more morning most mostly move much must my myself name near nearly necessary need neither never new newest
  next nice night no nobody none nor normal not note nothing now nowhere number obviously of off often oh ok okay old older oldest on once one online only onto open or order original other otherwise our ours out outside over overall own page part particular pass past people per perhaps person pick piece pl place plain please pls
  plus plz point possible possibly post prefer present pretty previous print private probably problem proper properly provide public pull push put question quick quickly quiet quite rather re read ready real really reason recent recently regard related remain remember remind remove rename replace report request rest result
  return right run said same save saw say saying says second see seem seen self send separate set several shall she short should show side similar simple simply since single sit small so some somebody somehow someone something sometimes somewhere soon sorry sort specific specifically start state stay step still stop straight
  stuff such sudden sure switch ta take talk tell than thank thanks that the their them then there these they thing think this those though through throw thx till time tiny title to today together told tomorrow tonight too top total touch toward tried try turn twice two type u under understand unless until up upon
  upside ur us use useful user using usual usually value various version very via view visible wait wanna want was wasnt watch way we week welcome well went were what whatever when whenever where wherever whether which while who whoever whole whom whose why will wish with within without wonder wont word work world worth would
  wouldnt write written wrong y yeah year yep yes yesterday yet yo you your yours yourself shouldnt hasnt hadnt werent youve theyre theyve weve youre hes shes youll theyll aint mustnt neednt id`.split(/\s+/),
)
