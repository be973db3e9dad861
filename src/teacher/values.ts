import type { Random } from './random.ts'

/**
 * Values as they stand in requests, by kind. Half come from realistic grammars, a part is made of random letters:
 * a model can only learn to copy what it has never seen when it never sees the same value twice.
 */
const list = (text: string) => text.split(' ')

const things = list('login auth parser cache search cart checkout payment invoice report dashboard profile settings upload export import queue worker scheduler webhook token session cookie header footer sidebar navbar button modal form table chart graph map timeline calendar inbox message notification email template theme color font icon image video audio player editor viewer reader writer logger tracer metric alert config secret key lock index schema migration database backend frontend server client proxy gateway router socket stream buffer thread process kernel driver module plugin package bundle build release deploy pipeline test suite fixture mock docs readme changelog license api sdk cli parser lexer compiler linter formatter installer updater crawler indexer mailer billing shipping inventory catalog order refund coupon review rating comment tag category feed avatar permission role policy audit backup snapshot restore health ping retry timeout limit quota batch pagination filter sort tooltip dropdown keyboard mouse touch screen layout grid flexbox mobile desktop tablet android ios windows linux macos docker nginx redis postgres mysql kafka spark hadoop')
const verbs = list('fix add remove update refactor improve handle support rename replace clean bump revert document test simplify rework move enable disable cache validate sanitize log retry speed optimize rewrite drop deprecate migrate split merge extract inline expose hide restore allow prevent avoid ignore detect')
const adjectives = list('new old broken flaky slow fast empty missing invalid wrong duplicate stale unused nested async lazy global local public private secure weird random large small huge tiny dark light blue green red amber silent noisy happy brave calm eager fuzzy golden icy jolly lucky misty proud quick rusty shiny solar tidy vivid windy')
const problems = ['crashes on startup', 'is too slow', 'returns 500', 'does not load', 'leaks memory', 'fails on Windows', 'breaks after upgrade', 'shows the wrong date', 'is not saved', 'throws a null pointer', 'times out', 'looks broken on mobile', 'ignores the timezone', 'hangs forever', 'has a typo', 'is out of date', 'needs docs', 'blinks when scrolling', 'logs too much', 'drops the last row', 'is missing a check', "doesn't work in Safari", 'rejects valid input', 'flickers', 'stays empty']
const remarks = ['looks good to me', 'LGTM', 'nice work', 'please rebase', 'needs tests', 'thanks for the fix', 'duplicate of another one', 'fixed in the next release', 'works for me', 'can you add a test', 'no longer relevant', 'ship it', 'will look tomorrow', 'I can reproduce this', 'great catch', 'wontfix', 'waiting for upstream', 'done', 'all good now', 'this is still broken', 'please take another look', 'merging after the freeze', 'what about older versions', 'not needed anymore', 'let us discuss this first', 'approved', 'good job everyone', 'see the docs', 'blocked by the api team']
const people = list('alice bob carol dave eve frank grace heidi ivan judy mallory oscar peggy trent victor walter anna ben chris diana emil fatima george hannah igor julia karl lena maria nina olga paul quentin rosa sam tara uma vera will xenia yuki zoe mohammed wei priya raj chen kim jose luis ana sofia lars ingrid pierre amelie octocat hubot torvalds')
const surnames = list('smith jones brown miller davis garcia wilson moore taylor lee martin clark lewis walker hall young king wright lopez hill green adams baker nelson carter perez roberts turner campbell mueller schmidt weber rossi russo silva santos kumar singh tanaka sato novak')
const orgs = list('acme globex initech umbrella hooli stark wayne cyberdyne contoso fabrikam octo-org my-org microsoft google facebook vercel hashicorp kubernetes golang rust-lang nodejs python apache mozilla cli elastic grafana')
const labels = ['bug', 'enhancement', 'help wanted', 'good first issue', 'documentation', 'question', 'wontfix', 'duplicate', 'invalid', 'p0', 'p1', 'p2', 'critical', 'urgent', 'security', 'performance', 'regression', 'ui', 'ux', 'backend', 'frontend', 'infra', 'ci', 'needs-triage', 'needs-review', 'blocked', 'feature', 'chore', 'dependencies', 'breaking-change', 'area/api', 'kind/bug', 'priority:high', 'type: docs', 'stale', 'epic', 'tech debt', 'flaky-test', 'a11y', 'refactor']
const extensions = list('js ts py go rs java md txt json yaml yml toml csv log sh html css zip tar.gz png pdf sql env conf xml')
const folders = list('src lib docs test tests bin build dist assets data scripts config tools pkg cmd internal app web public migrations examples backup tmp home logs charts k8s deploy')
/** Made-up hosts and the ends of their names: no e-mail address there is anybody's. */
export const hosts = list('example company internal staging prod dev acme corp test local cloud git code intra lab')
export const tlds = list('com org net io dev app de co.uk fr')
const images = list('nginx redis postgres busybox alpine ubuntu node python mysql httpd golang traefik rabbitmq mongo memcached caddy')
const languages = list('javascript typescript python go rust java ruby php kotlin swift scala haskell elixir c lua perl bash dart')
const commands = ['ls', 'bash', 'sh', 'env', 'date', 'whoami', 'top', 'hostname', 'ps aux', 'ls -la', 'cat /etc/hosts', 'df -h', 'printenv', 'npm test', 'python manage.py migrate', 'curl localhost:8080', 'tail -f app.log', 'rails console', 'psql', 'redis-cli ping']

/** Pronounceable half of the time, plain letters otherwise; nothing anybody has seen. */
export function randomWord(r: Random, low = 3, high = 9): string {
  const length = r.int(low, high)
  let out = ''
  const spoken = r.chance(0.6)
  for (let i = 0; i < length; i++) out += r.pick([...(spoken ? (i % 2 ? 'aeiou' : 'bcdfghklmnprstvwz') : 'abcdefghijklmnopqrstuvwxyz')])
  return out
}

const word = (r: Random) => (r.chance(0.6) ? r.pick(things) : randomWord(r))
const slug = (r: Random, joiner = '-'): string => {
  const parts = r.weighted([[1, 3], [2, 5], [3, 2]] as const)
  return Array.from({ length: parts }, (_, i) => (i === 0 && r.chance(0.3) ? r.pick([...adjectives, ...verbs]) : word(r))).join(joiner)
}
const digits = (r: Random, low: number, high: number) => String(r.int(low, high))
const hex = (r: Random, length: number) => Array.from({ length }, () => r.pick([...'0123456789abcdef'])).join('')
const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1)
const two = (value: number) => String(value).padStart(2, '0')

/** A short title, as one writes over an issue or a commit. */
function title(r: Random): string {
  const thing = () => (r.chance(0.35) ? `${r.pick(adjectives)} ${word(r)}` : r.chance(0.3) ? `${word(r)} ${word(r)}` : word(r))
  const text = r.weighted([
    [() => `${r.pick(verbs)} ${r.chance(0.5) ? 'the ' : ''}${thing()}`, 5],
    [() => `${r.pick(verbs)} ${thing()} ${r.pick(['in', 'for', 'on', 'from', 'with'])} ${r.chance(0.4) ? 'the ' : ''}${thing()}`, 4],
    [() => `${thing()} ${r.pick(problems)}`, 5],
    [() => `${r.pick(['feat', 'fix', 'docs', 'chore', 'ci', 'refactor', 'test'])}: ${r.pick(verbs)} ${thing()}`, 2],
    [() => `${capital(r.pick(['typo', 'crash', 'error', 'regression', 'wrong output', 'deadlock']))} in ${thing()}`, 2],
    [() => `${thing()} ${r.pick(['support', 'cleanup', 'rewrite', 'v2', 'improvements', 'tests'])}`, 2],
    [() => `${r.pick(['drop', 'support', 'upgrade to', 'require', 'move to', 'bump', 'test on', 'back to'])} ${word(r)} ${r.int(1, 30)}${r.chance(0.6) ? `.${r.int(0, 20)}` : ''}`, 2],
    [() => `${thing()} ${r.pick(problems)}, ${r.pick(verbs)} ${thing()}`, 1],
    [() => `${randomWord(r)} ${randomWord(r)}${r.chance(0.4) ? ' ' + randomWord(r) : ''}`, 2],
    [() => `${r.pick(['Sprint', 'Q3', 'Q4', 'Week', 'Phase'])} ${r.int(1, 40)} ${r.pick(['plan', 'notes', 'release', 'goals', 'review'])}`, 1],
  ] as const)()
  return r.chance(0.4) ? capital(text) : text
}

/** A remark or a sentence or two. */
function sentence(r: Random): string {
  return r.weighted([
    [() => r.pick(remarks), 4],
    [() => title(r), 4],
    [() => `${r.pick(['this', 'it', 'the ' + word(r)])} ${r.pick(problems)}`, 3],
    [() => `${r.pick(remarks)}, ${r.pick(remarks)}`, 2],
    [() => `${r.pick(remarks)}${r.pick(['!', '?', '.', '!!'])}`, 1],
    [() => `${r.pick(['see', 'fixed by', 'moved to', 'blocked by', 'thanks', 'ask', 'cc'])} ${word(r)}${r.chance(0.4) ? ' ' + word(r) : ''}`, 2],
    [() => Array.from({ length: r.int(2, 4) }, () => randomWord(r, 2, 7)).join(' '), 1],
  ] as const)()
}

const user = (r: Random) => r.weighted([
  [() => r.pick(people), 5], [() => `${r.pick(people)}${r.pick(['-', '', '_'])}${r.pick(surnames)}`, 2], [() => `${r.pick(people)[0]}${r.pick(surnames)}`, 2], [() => `${r.pick(people)}${r.int(1, 99)}`, 1], [() => randomWord(r, 4, 9), 3], [() => `${word(r)}-${r.pick(['bot', 'dev', 'hq', 'x'])}`, 1],
] as const)()
const owner = (r: Random) => (r.chance(0.5) ? r.pick(orgs) : user(r))
const file = (r: Random) => `${r.weighted([[() => slug(r), 4], [() => slug(r, '_'), 2], [() => word(r), 4]] as const)()}.${r.pick(extensions)}`
const path = (r: Random): string => r.weighted([
  [() => `${r.pick(folders)}/${file(r)}`, 4], [() => `${r.pick(folders)}/${word(r)}/${file(r)}`, 2], [() => `./${r.pick([r.pick(folders), word(r)])}`, 2], [() => `${r.pick(folders)}/${word(r)}`, 2],
  [() => `~/${r.pick(['code', 'work', 'projects', 'downloads', randomWord(r)])}/${slug(r)}`, 2], [() => `/${r.pick(['tmp', 'var/log', 'etc', 'home/' + r.pick(people), 'opt', 'data'])}/${word(r)}`, 2], [() => file(r), 4], [() => `../${slug(r)}`, 1],
] as const)()
const host = (r: Random) => r.weighted([[() => `${r.pick(['git', 'github', 'ghe', 'api', 'www', word(r)])}.${r.chance(0.5) ? r.pick(hosts) : randomWord(r)}.${r.pick(tlds)}`, 3], [() => `${slug(r)}.${r.pick(tlds)}`, 2], [() => 'github.com', 0.5], [() => `localhost`, 0.3]] as const)()
const version = (r: Random) => `${r.chance(0.75) ? 'v' : ''}${r.int(0, 12)}.${r.int(0, 20)}${r.chance(0.85) ? `.${r.int(0, 30)}` : ''}${r.chance(0.18) ? `-${r.pick(['rc', 'beta', 'alpha', 'rc.'])}${r.int(1, 5)}` : ''}`
const date = (r: Random) => `${r.int(2019, 2027)}-${two(r.int(1, 12))}-${two(r.int(1, 28))}`
const range = (r: Random) => r.weighted([[() => `>${r.pick([10, 50, 100, 500, 1000, r.int(1, 9999)])}`, 3], [() => `>=${r.int(1, 5000)}`, 3], [() => `<${r.int(1, 900)}`, 2], [() => `<=${r.int(1, 900)}`, 1], [() => `${r.int(1, 50)}..${r.int(60, 900)}`, 2], [() => String(r.int(1, 999)), 1]] as const)()

/** Times of the day as people say them. */
const time = (r: Random) => r.weighted([
  [() => `${r.int(0, 23)}:${two(r.pick([0, 15, 30, 45, r.int(0, 59)]))}`, 4], [() => `${r.int(1, 12)}${r.pick(['am', 'pm'])}`, 3], [() => `${r.int(1, 12)} ${r.pick(['am', 'pm', "o'clock"])}`, 3], [() => `${r.int(1, 12)}:${two(r.pick([0, 15, 30, 45, r.int(1, 59)]))}${r.pick(['', ' '])}${r.pick(['am', 'pm'])}`, 2], [() => r.pick(['noon', 'midnight', 'half past seven', 'quarter to nine', 'quarter past five']), 1.3], [() => `half past ${r.pick(['six', 'eight', 'ten', 'three'])}`, 0.6], [() => `${r.int(1, 12)}`, 1.5],
] as const)()
const weekdays = list('monday tuesday wednesday thursday friday saturday sunday')
const months = list('january february march april may june july august september october november december')
const ordinal = (value: number) => `${value}${value % 100 > 10 && value % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][value % 10] ?? 'th')}`
/** Days as people say them. */
const day = (r: Random) => r.weighted([
  [() => r.pick(['today', 'tomorrow', 'tonight', 'the day after tomorrow']), 4], [() => r.pick(weekdays), 4], [() => `${r.pick(['next', 'this'])} ${r.pick(weekdays)}`, 2], [() => `${r.pick(months)} ${r.chance(0.5) ? ordinal(r.int(1, 28)) : r.int(1, 28)}`, 2.5], [() => `the ${ordinal(r.int(1, 30))}`, 1.5], [() => `${r.int(1, 28)} ${r.pick(months)}`, 1], [() => date(r), 0.7], [() => `${r.pick(weekdays)} the ${ordinal(r.int(1, 30))}`, 0.6],
] as const)()
const relatives = list('mom dad mum grandma grandpa')

const kinds: Record<string, (r: Random) => string> = {
  word: (r) => word(r),
  text: sentence,
  title,
  path,
  filename: (r) => (r.chance(0.6) ? file(r) : `${r.chance(0.3) ? './' : ''}${r.pick(folders)}/${file(r)}`),
  url: (r) => `https://${host(r)}/${r.chance(0.6) ? `${slug(r)}` : `${owner(r)}/${slug(r)}`}${r.chance(0.2) ? `?${word(r)}=${r.int(1, 99)}` : ''}`,
  branch: (r) => r.weighted([[() => r.pick(['main', 'master', 'develop', 'dev', 'trunk', 'staging', 'gh-pages', 'next', 'stable']), 3], [() => `${r.pick(['feature', 'fix', 'bugfix', 'hotfix', 'release', 'chore', 'docs', 'users/' + r.pick(people), r.pick(people)])}/${slug(r)}`, 5], [() => slug(r), 3], [() => `release-${r.int(1, 9)}.${r.int(0, 20)}`, 1], [() => `${randomWord(r)}-${r.int(1, 999)}`, 1]] as const)(),
  label: (r) => (r.chance(0.65) ? r.pick(labels) : r.chance(0.5) ? slug(r) : `${word(r)}${r.pick(['/', ':', '-'])}${word(r)}`),
  user,
  repo: (r) => `${owner(r)}/${r.weighted([[() => slug(r), 6], [() => `${slug(r)}.${r.pick(['js', 'github.io', 'nvim', 'rs'])}`, 1], [() => slug(r, '_'), 1]] as const)()}`,
  sha: (r) => hex(r, r.weighted([[7, 5], [8, 3], [10, 1], [40, 1]] as const)),
  id: (r) => (r.chance(0.5) ? hex(r, r.pick([8, 12, 20, 32])) : digits(r, 100000, 9999999999)),
  date,
  datetime: (r) => `${date(r)}T${two(r.int(0, 23))}:${two(r.int(0, 59))}:00Z`,
  duration: (r) => r.weighted([[() => `${r.int(1, 90)}${r.pick(['s', 'm', 'h'])}`, 8], [() => `${r.int(1, 5)}h${r.int(1, 59)}m`, 1]] as const)(),
  name: (r) => (r.chance(0.7) ? slug(r) : r.chance(0.5) ? randomWord(r) : `${word(r)}-${r.int(0, 20)}`),
  milestone: (r) => r.weighted([[() => version(r), 4], [() => `${r.pick(['Sprint', 'Q', 'Phase', 'Milestone', 'M'])}${r.chance(0.6) ? ' ' : ''}${r.int(1, 40)}`, 3], [() => r.pick(['backlog', 'next', 'Beta', 'Launch', 'MVP', 'Icebox', 'Summer release', 'The big ' + capital(word(r))]), 2], [() => capital(slug(r, ' ')), 2]] as const)(),
  number: (r) => digits(r, 1, 9999),
  version,
  tag: (r) => (r.chance(0.85) ? version(r) : `${word(r)}-${r.int(1, 9)}.${r.int(0, 9)}`),
  query: (r) => r.weighted([[() => word(r), 3], [() => `${word(r)} ${word(r)}`, 4], [() => `${r.pick(adjectives)} ${word(r)}`, 2], [() => randomWord(r), 2], [() => `${r.pick(problems).split(' ').slice(0, 3).join(' ')}`, 1]] as const)(),
  field: (r) => r.pick(list('number title state author url body createdAt updatedAt labels assignees name id status conclusion size')),
  host,
  secret: (r) => `${r.pick(list('API AWS DB NPM SLACK DEPLOY DOCKER STRIPE SENTRY GPG JWT SSH'))}${r.chance(0.4) ? '_' + (r.chance(0.5) ? r.pick(things) : randomWord(r)).toUpperCase() : ''}_${r.pick(list('KEY TOKEN SECRET PASSWORD URL USER WEBHOOK'))}`,
  key: (r) => (r.chance(0.5) ? word(r) : `${word(r)}${r.pick(['.', '_', '-', '/'])}${word(r)}`),
  image: (r) => `${r.weighted([[() => r.pick(images), 6], [() => `${owner(r)}/${word(r)}`, 2], [() => `${r.pick(['ghcr.io', 'gcr.io', 'registry.' + r.pick(hosts) + '.com'])}/${slug(r)}`, 2]] as const)()}${r.chance(0.75) ? `:${r.chance(0.3) ? 'latest' : r.chance(0.3) ? 'alpine' : `${r.int(1, 20)}.${r.int(0, 20)}`}` : ''}`,
  resource: (r) => `${r.pick(list('deployment pod service statefulset daemonset job configmap ingress'))}/${slug(r)}`,
  selector: (r) => (r.chance(0.85) ? `${r.pick(list('app tier env role component release team version') .concat(randomWord(r)))}=${word(r)}` : `${word(r)}=${word(r)},${r.pick(['env', 'tier'])}=${word(r)}`),
  quantity: (r) => (r.chance(0.5) ? `${r.int(1, 64) * 50}m` : `${r.pick([64, 128, 256, 512, 1, 2, 4, r.int(1, 999)])}${r.pick(['Mi', 'Gi'])}`),
  email: (r) => `${user(r)}@${r.pick(hosts)}.${r.pick(tlds)}`,
  color: (r) => (r.chance(0.8) ? hex(r, 6) : hex(r, 6).toUpperCase()),
  json: (r) => `{"${word(r)}":${r.chance(0.5) ? r.int(1, 99) : `"${word(r)}"`}}`,
  jsonpath: (r) => `.${r.pick(['metadata', 'spec', 'status'])}.${r.pick(['name', 'creationTimestamp', 'phase', 'capacity', word(r)])}`,
  range,
  command: (r) => (r.chance(0.7) ? r.pick(commands) : `${r.pick(['ls', 'cat', 'tail', 'python', 'node', 'sh', 'echo'])} ${r.chance(0.5) ? path(r) : word(r)}`),
  glob: (r) => (r.chance(0.6) ? `*.${r.pick(extensions)}` : `${word(r)}${r.pick(['*', '-*', '*.' + r.pick(extensions)])}`),
  // The name that stands in the file has spaces and a capital, as people write it.
  workflow: (r) => (r.chance(0.2) ? `${capital(r.pick(['build', 'deploy', 'publish', 'release', 'nightly', 'smoke', 'lint', 'check', 'run', r.pick(verbs)]))} ${r.pick(['tests', 'docs', 'and test', 'images', 'website', 'packages', word(r)])}` : r.chance(0.55) ? `${r.chance(0.6) ? r.pick(['ci', 'build', 'deploy', 'release', 'lint', 'test', 'nightly', 'e2e']) : slug(r)}.${r.pick(['yml', 'yaml'])}` : slug(r)),
  'context-name': (r) => r.weighted([[() => r.pick(['minikube', 'docker-desktop', 'prod', 'staging', 'kind-' + word(r)]), 4], [() => `${word(r)}-${r.pick(['prod', 'dev', 'staging', 'eu', 'us-east-1', 'cluster'])}`, 4], [() => randomWord(r), 2]] as const)(),
  language: (r) => r.pick(languages),
  time,
  day,
  person: (r) => r.weighted([[() => r.pick(people), 5], [() => capital(r.pick(people)), 2], [() => r.pick(relatives), 3], [() => capital(randomWord(r, 4, 7)), 2], [() => `${r.pick(people)} ${r.pick(surnames)}`, 1]] as const)(),
  port: (r) => String(r.pick([80, 443, 8080, 3000, 5000, 5432, 6379, 8443, 9090, r.int(1024, 65535)])),
  assignment: (r) => `${r.chance(0.5) ? word(r) : randomWord(r).toUpperCase()}=${r.chance(0.5) ? word(r) : String(r.int(1, 9999))}`,
}

/** Words in an argument's name that say what kind of value it takes, where the schema names no format. */
const nameHints: [RegExp, string][] = [
  [/file|manifest/, 'filename'], [/dir|path|folder|location|source|dest|target/, 'path'], [/url|link|remote/, 'url'], [/branch|base|head|ref/, 'branch'], [/label/, 'label'], [/author|assignee|user|reviewer|owner|login|member/, 'user'],
  [/repo/, 'repo'], [/sha|commit|digest/, 'sha'], [/date|since|until|before|after|created|updated/, 'date'], [/duration|timeout|interval/, 'duration'], [/title|subject/, 'title'], [/body|message|notes?|description|comment|text|content/, 'text'],
  [/quer|search|term|expression/, 'query'], [/host|server|domain/, 'host'], [/email/, 'email'], [/image/, 'image'], [/port/, 'port'], [/colou?r/, 'color'], [/tag|version|release/, 'tag'], [/selector/, 'selector'], [/secret|token|password/, 'secret'], [/milestone/, 'milestone'], [/name|namespace|project|cluster/, 'name'], [/language/, 'language'], [/command|cmd/, 'command'], [/(^|-)id$/, 'id'], [/env|var|literal/, 'assignment'],
]

/** The kind of value that a name and an optional format ask for; "word" when nothing tells. */
export const kindOf = (name: string, format?: string): string =>
  format === 'word' && /language/.test(name) ? 'language' : format && kinds[format] ? format : (nameHints.find(([pattern]) => pattern.test(name.toLowerCase()))?.[1] ?? 'word')

export const valueKinds = Object.keys(kinds)

/** A value of a kind (one of `valueKinds`; anything else is a word). */
export const writeValue = (kind: string, r: Random): string => (kinds[kind] ?? kinds['word']!)(r)

/** A value shaped like an example: its words are replaced, its punctuation stays. */
export const likeExample = (example: string, r: Random): string => example.replace(/[A-Za-z]{3,}|\d+/g, (part) => (/\d/.test(part) ? String(r.int(1, 10 ** Math.min(part.length, 9) - 1)) : r.chance(0.5) ? part : word(r)))
