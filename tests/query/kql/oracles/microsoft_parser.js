// Asks Microsoft's own parser of KQL: JSON strings in, one a line; what is wrong with each, and its tree, out.
const folder = process.argv[2] + '/node_modules/@kusto/language-service-next/';
require(folder + 'bridge.min.js');
require(folder + 'Kusto.Language.Bridge.min.js');

function shown(node) {
  if (node.ChildCount === 0) return node.Text === undefined ? '' : node.Text;
  const parts = [];
  for (let index = 0; index < node.ChildCount; index++) {
    const child = node.GetChild(index);
    const text = child ? shown(child) : '';
    if (text) parts.push(text);
  }
  return parts.length > 1 ? '(' + parts.join(' ') + ')' : parts.join('');
}

require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const code = Kusto.Language.KustoCode.Parse(JSON.parse(line));
  const diagnostics = code.GetSyntaxDiagnostics();
  const errors = [];
  for (let index = 0; index < diagnostics.Count; index++) {
    const diagnostic = diagnostics.getItem(index);
    errors.push({ code: diagnostic.Code, start: diagnostic.Start, message: diagnostic.Message });
  }
  console.log(JSON.stringify({ errors, tree: shown(code.Syntax) }));
});
