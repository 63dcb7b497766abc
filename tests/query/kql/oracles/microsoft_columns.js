// Asks Microsoft's own binder of KQL: tables as JSON in a file, queries as JSON strings in, one a line; the columns out.
const folder = process.argv[2] + '/node_modules/@kusto/language-service-next/';
require(folder + 'bridge.min.js');
require(folder + 'Kusto.Language.Bridge.min.js');

const symbols = Kusto.Language.Symbols;
const tables = JSON.parse(require('fs').readFileSync(process.argv[3]));
const known = Object.entries(tables).map(([name, columns]) => {
  const typed = columns.map(([column, type]) => `['${column}']: ${type}`).join(', ');
  return symbols.TableSymbol.From(`(${typed})`).WithName(name);
});
const database = new symbols.DatabaseSymbol.$ctor1('fleet', known, false);
const world = Kusto.Language.GlobalState.Default.WithDatabase(database);

require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const found = Kusto.Language.KustoCode.ParseAndAnalyze(JSON.parse(line), world).ResultType;
  const columns = [];
  for (let index = 0; found && found.Columns && index < found.Columns.Count; index++) {
    const column = found.Columns.getItem(index);
    columns.push([column.Name, column.Type.Name]);
  }
  console.log(JSON.stringify(columns));
});
