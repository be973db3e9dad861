import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { importRows } from '../../src/dataset/import.ts'
import { findSecrets, maskSecrets, type SecretKind } from '../../src/dataset/secrets.ts'
import { loadSchema } from '../../src/tasks/index.ts'
import { Random } from '../../src/teacher/random.ts'
import { valueKinds, writeValue } from '../../src/teacher/values.ts'

const lower = 'abcdefghijklmnopqrstuvwxyz'
const digits = '0123456789'
const hex = `${digits}abcdef`
const alphanumeric = `${lower}${lower.toUpperCase()}${digits}`
const some = (r: Random, letters: string, length: number) => Array.from({ length }, () => r.pick([...letters])).join('')
const base64 = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const name = (r: Random) => some(r, lower, r.int(3, 8))

function luhn(prefix: string, length: number, r: Random): string {
  const body = prefix + some(r, digits, length - 1 - prefix.length)
  const sum = [...body].reverse().reduce((total, digit, i) => {
    const doubled = Number(digit) * (i % 2 ? 1 : 2)
    return total + (doubled > 9 ? doubled - 9 : doubled)
  }, 0)
  return body + ((10 - (sum % 10)) % 10)
}

/** Each writes one secret as people paste it, and the words around it. */
const planted: [SecretKind, (r: Random) => { secret: string; text: string }][] = [
  ['key', (r) => said(`ghp_${some(r, alphanumeric, 36)}`, (s) => `gh auth login --with-token ${s}`)],
  ['key', (r) => said(`github_pat_${some(r, alphanumeric, 22)}_${some(r, alphanumeric, 59)}`, (s) => `log in with ${s}`)],
  ['key', (r) => said(`sk-ant-api03-${some(r, alphanumeric, 80)}AA`, (s) => `gh secret set ANTHROPIC_API_KEY --body "${s}"`)],
  ['key', (r) => said(`sk-proj-${some(r, alphanumeric, 48)}`, (s) => `set OPENAI_API_KEY to ${s}`)],
  ['key', (r) => said(`AKIA${some(r, lower.toUpperCase() + digits, 16)}`, (s) => `kubectl create secret generic aws --from-literal=id=${s}`)],
  ['key', (r) => said(some(r, alphanumeric, 40), (s) => `aws_secret_access_key = ${s}`)],
  ['key', (r) => said(`AIza${some(r, `${alphanumeric}-_`, 35)}`, (s) => `curl "https://maps.googleapis.com/maps/api/geocode/json?key=${s}"`)],
  ['key', (r) => said(`xoxb-${some(r, digits, 12)}-${some(r, digits, 12)}-${some(r, alphanumeric, 24)}`, (s) => `the slack bot uses ${s}`)],
  ['key', (r) => said(`glpat-${some(r, `${alphanumeric}_`, 20)}`, (s) => `clone with ${s} please`)],
  ['key', (r) => said(`npm_${some(r, alphanumeric, 36)}`, (s) => `//registry.npmjs.org/:_authToken=${s}`)],
  ['key', (r) => said(`hf_${some(r, alphanumeric, 34)}`, (s) => `HF_TOKEN=${s}`)],
  ['key', (r) => said(`sk_live_${some(r, alphanumeric, 24)}`, (s) => `stripe key ${s}`)],
  ['key', (r) => said(`SG.${some(r, alphanumeric, 22)}.${some(r, alphanumeric, 43)}`, (s) => `sendgrid: ${s}`)],
  ['key', (r) => said(`pypi-AgEIcHlwaS5vcmc${some(r, alphanumeric, 60)}`, (s) => `twine upload -p ${s}`)],
  ['key', (r) => said(`eyJ${base64({ alg: 'HS256' }).slice(3)}.${base64({ sub: name(r), iat: r.int(1e9, 2e9) })}.${some(r, alphanumeric, 43)}`, (s) => `curl -H "X-Auth: ${s}" localhost:8080`)],
  ['key', (r) => said(`-----BEGIN ${r.pick(['RSA ', 'OPENSSH ', 'EC ', ''])}PRIVATE KEY-----\n${some(r, alphanumeric, 64)}\n${some(r, alphanumeric, 40)}\n-----END PRIVATE KEY-----`, (s) => `gh ssh-key add <<EOF\n${s}\nEOF`)],
  ['password', (r) => said(some(r, alphanumeric, 12), (s) => `git clone https://${name(r)}:${s}@git.${name(r)}.com/${name(r)}.git`)],
  ['password', (r) => said(some(r, alphanumeric, 10), (s) => `psql postgres://admin:${s}@db.${name(r)}.io:5432/app`)],
  ['password', (r) => said(`${some(r, alphanumeric, 30)}7`, (s) => `curl -H 'Authorization: Bearer ${s}' https://api.${name(r)}.com`)],
  ['password', (r) => said(`${base64(`${name(r)}:${some(r, alphanumeric, 12)}`)}9`, (s) => `curl -H "Authorization: Basic ${s}" https://${name(r)}.org`)],
  ['password', (r) => said(`${some(r, alphanumeric, 9)}a1!`, (s) => `DB_PASSWORD=${s} docker compose up`)],
  ['password', (r) => said(`${some(r, alphanumeric, 9)}a1#`, (s) => `mysql --user root --password ${s} -e "show tables"`)],
  ['e-mail address', (r) => said(`${name(r)}.${name(r)}@${name(r)}${r.pick(['mail', 'soft', 'bank'])}.${r.pick(['com', 'de', 'org', 'co.uk', 'io'])}`, (s) => `assign the ticket to ${s}`)],
  ['e-mail address', (r) => said(`${name(r)}+${name(r)}${r.int(1, 99)}@gmail.com`, (s) => `git config user.email ${s}`)],
  ['e-mail address', (r) => said(`${name(r)}_${r.int(10, 99)}@${name(r)}-${name(r)}.net`, (s) => `write to <${s}>, please.`)],
  ['e-mail address', (r) => said(`${name(r)}@mail.${name(r)}.fr`, (s) => `gh search commits --author-email=${s}`)],
  ['card number', (r) => said(luhn('4', 16, r), (s) => `refund card ${s}`)],
  ['card number', (r) => said(luhn(`5${r.int(1, 5)}`, 16, r).replace(/(.{4})(?=.)/g, '$1 '), (s) => `charge ${s} again`)],
  ['card number', (r) => said(luhn(r.pick(['34', '37']), 15, r).replace(/^(.{4})(.{6})/, '$1-$2-'), (s) => `pay with ${s}`)],
  ['card number', (r) => said(luhn('6011', 16, r).replace(/(.{4})(?=.)/g, '$1-'), (s) => `the card is ${s}, valid until 12/29`)],
]
const said = (secret: string, around: (secret: string) => string) => ({ secret, text: around(secret) })

/** Commands in which what looks like one is none. */
const clean: ((r: Random) => string)[] = [
  (r) => `git show ${some(r, hex, 40)}`,
  (r) => `git cherry-pick ${some(r, hex, r.int(7, 12))}..${some(r, hex, 8)}`,
  (r) => `kubectl delete pod ${name(r)}-${some(r, hex, 10)}-${some(r, lower + digits, 5)} -n ${name(r)}`,
  (r) => `docker pull ${name(r)}/${name(r)}@sha256:${some(r, hex, 64)}`,
  (r) => `npm ci --integrity sha512-${some(r, `${alphanumeric}+/`, 86)}==`,
  (r) => `get event ${some(r, hex, 8)}-${some(r, hex, 4)}-4${some(r, hex, 3)}-a${some(r, hex, 3)}-${some(r, hex, 12)}`,
  (r) => `git clone git@github.com:${name(r)}/${name(r)}.git`,
  (r) => `git remote add origin ssh://git@gitlab.${name(r)}.com:2222/${name(r)}/${name(r)}.git`,
  (r) => `git remote set-url origin ${name(r)}@git.${name(r)}.org:${name(r)}/${name(r)}.git`,
  (r) => `ssh -p ${r.int(1000, 9999)} -i key.pem deploy@${name(r)}.${name(r)}.com`,
  (r) => `scp build.tar.gz ${name(r)}@${name(r)}.example.com:/srv/www`,
  (r) => `curl https://${name(r)}.com/api/v${r.int(1, 4)}/items?page=${r.int(1, 90)}&per_page=100`,
  (r) => `open http://localhost:${r.int(3000, 9999)}/${name(r)}#${name(r)}-${r.int(1, 99)}`,
  (r) => `npm install ${name(r)}@${r.int(0, 20)}.${r.int(0, 40)}.${r.int(0, 9)} @${name(r)}/${name(r)}@^${r.int(1, 9)}.0.0-rc.${r.int(1, 9)}`,
  (r) => `pip install ${name(r)}==${r.int(0, 9)}.${r.int(0, 30)}.${r.int(0, 9)}.post${r.int(1, 9)}`,
  (r) => `gh run view ${some(r, '123456789', 11)} --log`,
  (r) => `gh release create v${r.int(0, 9)}.${r.int(0, 20)}.${r.int(0, 20)} --notes "fixes #${r.int(1, 9999)}"`,
  (r) => `gh secret set API_TOKEN --body "$TOKEN" && gh secret list`,
  (r) => `kubectl create secret generic ${name(r)} --from-file=password=./${name(r)}.txt`,
  (r) => `helm upgrade ${name(r)} --set auth.password=$PASSWORD --set replicas=${r.int(1, 9)}`,
  (r) => `export TOKEN=\${{ secrets.GITHUB_TOKEN }} PASSWORD=<password>`,
  (r) => `set the token limit to ${r.int(100, 9999)} and the password policy to ${name(r)}`,
  (r) => `kubectl scale deployment/${name(r)} --replicas=${r.int(1, 50)} --timeout=${r.int(1, 900)}s`,
  (r) => `date -d @${r.int(1_500_000_000, 1_900_000_000)} # ${r.int(1_500_000_000, 1_900_000_000)}${some(r, digits, 3)} ms`,
  (r) => `since 20${r.int(10, 29)}-0${r.int(1, 9)}-1${r.int(0, 9)}T0${r.int(0, 9)}:3${r.int(0, 9)}:00+02:00`,
  (r) => `ping ${r.int(1, 255)}.${r.int(0, 255)}.${r.int(0, 255)}.${r.int(1, 254)} -c ${r.int(1, 9)}`,
  (r) => `add icon@2x.png and ${name(r)}@3x.webp to the assets`,
  (r) => `mail alice@example.com, ${name(r)}@${name(r)}.test and root@localhost about ${name(r)}`,
  (r) => `kubectl config use-context ${name(r)}-admin@${name(r)}.local`,
  (r) => `review @${name(r)}'s pull request ${r.int(1, 9999)}, ping @${name(r)}/${name(r)}-team`,
  (r) => `gh issue list --search "${name(r)} in:title created:>2024-0${r.int(1, 9)}-01" --limit ${r.int(1, 100)}`,
  (r) => `git checkout -b sk-${name(r)}-${name(r)}-${name(r)}-for-${name(r)}-${r.int(1, 99)}`,
  (r) => `set the color of ${name(r)} to #${some(r, hex, 6)}`,
  (r) => `kubectl logs ${name(r)}-${r.int(0, 9)} --since-time=2024-01-0${r.int(1, 9)}T00:00:00Z --tail=${r.int(10, 5000)}`,
  (r) => `kubectl get pods -o jsonpath='{.items[${r.int(0, 9)}].metadata.name}' -l app=${name(r)},tier!=${name(r)}`,
  (r) => `docker run -p ${r.int(1024, 65535)}:${r.int(80, 9000)} -e NODE_ENV=${name(r)} ${name(r)}:${r.int(1, 30)}-alpine`,
  (r) => `snowflake ${r.int(1, 3)}${some(r, digits, 17)} and build ${some(r, digits, 6)}`,
  (r) => `what is 10 20 30 40 50 60 70 in ${name(r)}, or 1,000,000 + ${r.int(1, 999)}`,
  (r) => `please ${name(r)} the ${name(r)}, then ${name(r)} it with ${name(r)}`,
  (r) => `base64 -d <<< ${Buffer.from(name(r) + name(r)).toString('base64')}`,
]

const secrets = Array.from({ length: 210 }, (_, i) => {
  const [kind, make] = planted[i % planted.length]!
  return { kind, ...make(new Random(`planted ${i}`)) }
})
const commands = Array.from({ length: 1_000 }, (_, i) => clean[i % clean.length]!(new Random(`clean ${i}`)))
const rowOf = (text: string) => ({ instruction: `please ${text}`, context: { shell: { last: text } }, output: JSON.stringify({ type: 'command', args: { text } }) })

test('of 200 planted secrets and personal data 98% are found and masked', () => {
  const kept = secrets.filter(({ secret, text }) => JSON.stringify(maskSecrets(rowOf(text)).record).includes(JSON.stringify(secret).slice(1, -1)))
  console.log(`recall ${(1 - kept.length / secrets.length).toFixed(3)} of ${secrets.length}`)
  expect(kept.length / secrets.length, JSON.stringify(kept)).toBeLessThanOrEqual(0.02)
})

test.each(['key', 'password', 'e-mail address', 'card number'] as const)('each %s is found as what it is', (kind) => {
  for (const { text, secret } of secrets.filter((one) => one.kind === kind)) expect(findSecrets(text).map((found) => [found.kind, found.value]), text).toContainEqual([kind, secret])
})

test('of 1,000 clean commands at most 2% raise an alarm', () => {
  const alarms = commands.flatMap((text) => findSecrets(text).map((found) => ({ text, ...found })))
  console.log(`false alarms ${alarms.length} of ${commands.length}`)
  expect(alarms.length / commands.length, JSON.stringify(alarms, null, 1)).toBeLessThanOrEqual(0.02)
})

test('nothing that the offline teacher makes up is taken for somebody\'s', () => {
  for (const kind of valueKinds) for (let i = 0; i < 300; i++) expect(findSecrets(`for ${writeValue(kind, new Random(`${kind} ${i}`))} please`), kind).toEqual([])
})

test.each(['+1 (415) 555-2671', '+49 30 901820', '+44 20 7946 0958', '(212) 736-5000', '212-736-5000', '+33.1.42.68.53.00'])('the phone number %s is found', (number) => {
  expect(findSecrets(`call ${number} now`)).toMatchObject([{ kind: 'phone number', value: number }])
})

describe('a stand-in', () => {
  test('is the same everywhere in a row, and the values of the rest stay', () => {
    const secret = 'ghp_abcdefghijklmnopqrstuvwxyz0123456789'
    const { record, masked } = maskSecrets({ instruction: `log in with ${secret} as bob@bobsbank.com`, output: JSON.stringify({ args: { token: secret, user: 'bob@bobsbank.com' }, n: 5 }), line: 7 })
    const { args, n } = JSON.parse(record.output)
    expect(record.instruction).toBe(`log in with ${args.token} as ${args.user}`)
    expect(args.token).toMatch(/^masked-[a-z]+$/)
    expect(args.user).toMatch(/^[a-z.]+@example\.com$/)
    expect([masked, n, record.line]).toEqual([['key', 'e-mail address'], 5, 7])
  })

  test('follows from the rest of the row, not from the secret, and is itself left alone', () => {
    for (const { text, secret } of secrets) {
      const once = maskSecrets(rowOf(text)).record
      expect(maskSecrets(once)).toEqual({ record: once, masked: [] })
      const other = secret.startsWith('ghp_') ? secret.replace(/.{10}$/, 'aaaaaaaaaa') : secret
      expect(maskSecrets(rowOf(text.replace(secret, other))).record).toEqual(once)
    }
  })

  test('keeps the form of numbers, and is nobody\'s', () => {
    const { record } = maskSecrets({ instruction: 'charge 4111-1111-1111-1111 and call +1 (415) 736-2671' })
    expect(record.instruction).toMatch(/^charge 4\d{3}-\d{4}-\d{4}-\d{4} and call \+1 \(\d{3}\) 555-01\d\d$/)
    expect(record.instruction).not.toContain('4111-1111')
  })
})

test('texts of megabytes take no long', () => {
  for (const part of ['a', 'a.', 'a@', '@', 'eyJ', 'eyJa.', 'eyJaaaaaaaa.eyJ', '1', '1 ', '+1', '-----BEGIN PRIVATE KEY-----', 'https://a:', 'bearer ', 'password=', 'token ', 'a@b.', 'sk-', '://', 'x_password', '"']) {
    const text = part.repeat(1_000_000 / part.length)
    const started = performance.now()
    findSecrets(text)
    // A pattern that goes back and forth would take hours.
    expect(performance.now() - started, part).toBeLessThan(5_000)
  }
}, 60_000)

const fixture = resolve(import.meta.dirname, '../fixtures/notes.yaml')
const key = 'ghp_abcdefghijklmnopqrstuvwxyz0123456789'
const lines = [
  JSON.stringify({ instruction: `add a note with ${key}`, command: `note add "${key}"` }),
  JSON.stringify({ instruction: 'add a note with anna@annasbank.com', command: 'note add anna@annasbank.com' }),
  JSON.stringify({ instruction: `fly with ${key}`, command: `note fly ${key}` }),
  `{"instruction": "add ${key}", ${key}`,
  JSON.stringify({ instruction: 'a dump', command: `note add "${Array.from({ length: 60 }, (_, i) => `user${i}@annasbank.com`).join(' ')}"` }),
  `{"instruction": ${'['.repeat(50_000)}${']'.repeat(50_000)}, "output": "x"}`,
]

test('an import keeps the examples without their secrets, and rejects what it cannot keep with the reason', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clitron-secrets-'))
  const file = join(folder, 'rows.jsonl')
  writeFileSync(file, lines.join('\n'))
  const known = loadSchema({ name: 'notes', file: 'notes.yaml', text: readFileSync(fixture, 'utf8') })
  const { accepted, rejected, masked } = await importRows({ ...known, file })
  expect(accepted.map(({ instruction }) => instruction)).toEqual([expect.stringMatching(/^add a note with masked-[a-z]+$/), expect.stringMatching(/^add a note with [a-z.]+@example\.com$/)])
  expect(rejected.map(({ line, problems }) => [line, problems[0]!.rule])).toEqual([[3, 'shape'], [4, 'json'], [5, 'secret'], [6, 'shape']])
  expect(masked).toEqual({ 'key': 2, 'e-mail address': 1 })
  expect(JSON.stringify([accepted, rejected])).not.toMatch(new RegExp(`${key}|annasbank`))
  rmSync(folder, { recursive: true })
})

test('`clitron import` says how many of what kind, and shows and writes none of them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clitron-secrets-'))
  mkdirSync(join(folder, 'schemas'))
  writeFileSync(join(folder, 'schemas', 'notes.yaml'), readFileSync(fixture))
  writeFileSync(join(folder, 'rows.jsonl'), lines.slice(0, 5).join('\n'))
  const { stdout, stderr, exitCode } = await execa(process.execPath, [resolve(import.meta.dirname, '../../bin/clitron.js'), 'import', 'notes', 'rows.jsonl'], { cwd: folder, reject: false, stdin: 'ignore', env: { NO_COLOR: '1' } })
  expect(exitCode).toBe(0)
  expect(stdout).toContain('Secrets and personal data were replaced by made-up values: key 2, e-mail address 1. rows.jsonl itself still holds them.')
  const written = readdirSync(join(folder, 'training'), { recursive: true, encoding: 'utf8', withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
  expect(written).toHaveLength(2)
  expect([stdout, stderr, ...written].join('\n')).not.toMatch(new RegExp(`${key}|annasbank`))
  rmSync(folder, { recursive: true })
})
