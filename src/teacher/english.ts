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
