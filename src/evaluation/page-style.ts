/** The report's style sheet: no font, picture or script from elsewhere. */
export const pageStyle = `
:root{color-scheme:light dark;--bg:#f6f5f1;--card:#fff;--ink:#1d1c1a;--soft:#6a675f;--line:#e6e3db;--track:#ecebe5;--main:#2f6db5;--second:#d08a1d;--good:#2d8259;--bad:#c44a33;--quiet:#a9a59b;--shadow:0 1px 2px rgb(40 35 20/.06),0 4px 16px rgb(40 35 20/.05)}
@media(prefers-color-scheme:dark){:root{--bg:#131416;--card:#1b1d20;--ink:#ebe9e4;--soft:#a19d95;--line:#2c2f33;--track:#292c30;--main:#6aa5ee;--second:#e2a748;--good:#57bd8c;--bad:#ee7d66;--quiet:#6d6b66;--shadow:none}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:1020px;margin:0 auto;padding:20px 16px 56px}
h1{font-size:1.9rem;line-height:1.15;margin:0;letter-spacing:-.02em}
h2{font-size:1.18rem;margin:0 0 2px;letter-spacing:-.01em}
h3{font-size:.95rem;margin:18px 0 6px}
p{margin:6px 0}
.soft,.note{color:var(--soft)}
.note{font-size:.88rem;margin:0 0 12px;max-width:70ch}
header{margin:8px 0 18px}
header .soft{font-size:.92rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:18px;margin:14px 0;box-shadow:var(--shadow);overflow:hidden}
.hero{display:grid;gap:18px}
.hero .big{font-size:3.6rem;font-weight:680;line-height:1;letter-spacing:-.04em;font-variant-numeric:tabular-nums}
.hero .what{font-size:1.02rem;margin-top:8px}
.tiles{display:grid;grid-template-columns:repeat(2,1fr);gap:10px}
.tile{border:1px solid var(--line);border-radius:10px;padding:10px 12px}
.tile b{display:block;font-size:1.28rem;letter-spacing:-.02em;font-variant-numeric:tabular-nums;line-height:1.25}
.tile span{font-size:.82rem;color:var(--soft);line-height:1.3;display:block}
.chips{display:flex;flex-wrap:wrap;gap:8px;margin:14px 0 0;padding:0;list-style:none}
.chips li{border:1px solid var(--line);border-radius:99px;padding:3px 12px 3px 9px;font-size:.85rem}
.chips .yes::before{content:"✓ ";color:var(--good);font-weight:700}
.chips .no::before{content:"✗ ";color:var(--bad);font-weight:700}
.chips .none::before{content:"– ";color:var(--quiet)}
.rows{display:grid;gap:7px}
.row{display:grid;grid-template-columns:minmax(6.5rem,11rem) 1fr 6.6rem;gap:10px;align-items:center;font-size:.9rem}
.row>:first-child{overflow-wrap:anywhere;line-height:1.25}
.row .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.row .n small{color:var(--soft);font-size:.8rem}
.bar{display:block;width:100%;height:12px;border-radius:4px;overflow:hidden}
.track{fill:var(--track)}.whisker{fill:var(--ink);opacity:.72}
.fill.main{fill:var(--main);opacity:.78}.fill.good{fill:var(--good)}.fill.bad{fill:var(--bad)}.fill.second{fill:var(--second)}.fill.quiet{fill:var(--quiet);opacity:.6}
.two{display:grid;gap:22px}
figure{margin:8px 0 0;min-width:0}
figcaption{font-size:.9rem;font-weight:600;margin-bottom:4px}
.legend{font-weight:400;color:var(--soft);font-size:.83rem;margin-left:10px}
.key{display:inline-block;width:10px;height:10px;border-radius:3px;margin:0 4px 0 8px}
.key.main{background:var(--main)}.key.second{background:var(--second)}.key.good{background:var(--good)}.key.bad{background:var(--bad)}.key.quiet{background:var(--quiet)}
.plot{width:100%;height:auto;display:block;max-width:520px}
.plot text{font-size:11px;fill:var(--soft);font-variant-numeric:tabular-nums}
.plot .axis{font-size:11.5px}
.grid{stroke:var(--line);stroke-width:1}
.guide{stroke:var(--quiet);stroke-width:1.2;stroke-dasharray:4 4}
.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.line.faint{opacity:.4;stroke-width:1.5}.pair{white-space:nowrap}.line.main{stroke:var(--main)}.line.second{stroke:var(--second)}.line.good{stroke:var(--good)}.line.bad{stroke:var(--bad)}.line.quiet{stroke:var(--quiet)}
.dot{stroke:var(--card);stroke-width:1}.dot.main{fill:var(--main);fill-opacity:.8}.dot.second{fill:var(--second)}.dot.good{fill:var(--good)}.dot.bad{fill:var(--bad)}.dot.quiet{fill:var(--quiet)}
table{border-collapse:collapse;width:100%;font-size:.9rem}
.scroll{overflow-x:auto;margin:0 -18px;padding:0 18px}
th{text-align:left;font-weight:600;color:var(--soft);font-size:.82rem}
th,td{padding:6px 12px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}
td.num,th.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
details{border-top:1px solid var(--line);padding:8px 0}
details:last-child{padding-bottom:0}
summary{cursor:pointer;font-size:.93rem;padding:2px 0}
summary b{font-variant-numeric:tabular-nums}
.example{margin:8px 0 12px;padding:10px 12px;border-radius:10px;background:var(--bg);font-size:.86rem}
.example q{font-weight:600;quotes:"“" "”"}
.example dl{display:grid;grid-template-columns:4.6rem 1fr;gap:2px 8px;margin:6px 0 0}
.example dt{color:var(--soft)}
.example dd{margin:0;min-width:0}
code{font:.86em/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.wrong{color:var(--bad)}
footer{color:var(--soft);font-size:.85rem;margin-top:22px}
@media(min-width:720px){main{padding-top:36px}.hero{grid-template-columns:1fr 1.15fr;align-items:center}.hero .big{font-size:4.6rem}.tiles{grid-template-columns:repeat(3,1fr)}.two{grid-template-columns:1fr 1fr}.card{padding:22px 24px}.scroll{margin:0 -24px;padding:0 24px}.columns{columns:2;column-gap:36px}.columns .row{break-inside:avoid;margin-bottom:7px}.columns.rows{display:block}}
@media(max-width:420px){.row{grid-template-columns:minmax(5.4rem,7.6rem) 1fr 5.9rem;gap:8px;font-size:.86rem}}
@media print{.card{break-inside:avoid;box-shadow:none}details{display:block}}
`.trim()
