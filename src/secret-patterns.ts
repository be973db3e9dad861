/** A secret is the group `secret` of a match, or the whole match where there is none. All are linear: text may be megabytes long. */
export interface SecretPattern {
  name: string
  pattern: RegExp
}

/** Keys that are known by their form, as their makers document it. */
export const keyPatterns: SecretPattern[] = [
  { name: 'private key', pattern: /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|$)/g },
  { name: 'GitHub token', pattern: /\b(?:gh[oprsu]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{40,255})/g },
  { name: 'GitLab token', pattern: /\bgl(?:pat|dt|rt|cbt|ptt|ft|soat)-[\w-]{20,200}/g },
  { name: 'Anthropic or OpenAI key', pattern: /(?<![\w-])sk-(?=[\w-]{0,200}\d)(?=[\w-]{0,200}[A-Z])[\w-]{20,200}/g },
  { name: 'AWS key id', pattern: /\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b/g },
  { name: 'AWS secret key', pattern: /\baws_?secret(?:_?access)?_?key\b\W{0,5}(?<secret>[A-Za-z0-9/+=]{40})(?![A-Za-z0-9/+=])/gi },
  { name: 'Azure key', pattern: /\b(?:AccountKey|SharedAccessKey)=(?<secret>[A-Za-z0-9/+=]{40,100})/g },
  { name: 'Google API key', pattern: /\bAIza[\w-]{35}(?![\w-])/g },
  { name: 'Google OAuth token', pattern: /\b(?:ya29\.[\w.-]{20,400}|GOCSPX-[\w-]{28})/g },
  { name: 'Slack token', pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{10,200}|\bxapp-[0-9]-[A-Za-z0-9-]{10,200}/g },
  { name: 'Slack webhook', pattern: /\bhooks\.slack\.com\/services\/(?<secret>[A-Z0-9]{8,12}\/[A-Z0-9]{8,12}\/[A-Za-z0-9]{20,30})/g },
  { name: 'Stripe key', pattern: /\b(?:[sr]k_(?:live|test)_|whsec_)[A-Za-z0-9]{16,200}/g },
  { name: 'Hugging Face token', pattern: /\bhf_[A-Za-z0-9]{30,60}\b/g },
  { name: 'npm token', pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { name: 'PyPI token', pattern: /\bpypi-[\w-]{50,300}/g },
  { name: 'SendGrid key', pattern: /\bSG\.[\w-]{16,32}\.[\w-]{32,64}/g },
  { name: 'DigitalOcean token', pattern: /\bdo[opr]_v1_[a-f0-9]{64}\b/g },
  { name: 'Docker Hub token', pattern: /\bdckr_[a-z]{3}_[\w-]{20,60}/g },
  { name: 'Databricks token', pattern: /\bdapi[a-f0-9]{32}\b/g },
  { name: 'Telegram bot token', pattern: /\b\d{8,10}:AA[\w-]{33}(?![\w-])/g },
  { name: 'Twilio key', pattern: /\bSK[a-f0-9]{32}\b/g },
  { name: 'Vault token', pattern: /\bhv[sbr]\.[\w-]{24,200}/g },
  { name: 'JWT', pattern: /(?<![\w-])eyJ[\w-]{8,4000}\.eyJ[\w-]{8,4000}\.[\w-]{0,2000}/g },
]

const named = '(?:password|passwd|passphrase|pwd|api[_-]?key|access[_-]?key|secret[_-]?key|client[_-]?secret|token)'
/** With a letter and a digit: names of passwords and tokens mostly lack the one or the other. */
const value = `(?<secret>(?=[^\\s'"]{0,200}\\d)(?=[^\\s'"]{0,200}[A-Za-z])[^\\s'"$<{*,;()/\\\\-][^\\s'",;()]{7,200})`

/** Secrets that are known by what stands before them. Placeholders ($TOKEN, <token>, ***) are none. */
export const passwordPatterns: SecretPattern[] = [
  { name: 'password in a URL', pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/?#@'"]{0,100}:(?<secret>(?![$<{*%])[^\s/?#@'"]{3,200})@/gi },
  { name: 'authorization', pattern: /\b(?:bearer|authorization['"]?\s?[:=]\s?['"]?(?:basic|token))\s{1,3}(?<secret>(?=[\w.~+/-]{0,200}\d)[\w.~+/-]{16,2000}={0,2})/gi },
  { name: 'password', pattern: new RegExp(`(?<![A-Za-z0-9])(?:[a-z0-9]{1,20}[_-]){0,3}${named}['"]?\\s?[:=]\\s?['"]?${value}`, 'gi') },
  { name: 'password as an option', pattern: new RegExp(`(?<![\\w-])--?(?:[a-z0-9]{1,20}-){0,3}${named}\\s['"]?${value}`, 'gi') },
]
