<?php
// PHP's PDO: `php pdo.php URL` prints what the server answers to its users.

const LONG = 'SELECT count(*) FROM driver_many a, driver_many b, driver_many c, driver_many d';
const TEXT = "it's “quoted” \\ \"ünï\" 🦉\n\$1 ?";

function section(string $title): void { echo "-- $title\n"; }

function show(string $label, mixed $value): void
{
    echo "$label: ", json_encode($value, JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR), "\n";
}

/** Runs what must fail and prints its SQLSTATE. */
function fails(string $label, callable $action): void
{
    try {
        $action();
    } catch (PDOException $error) {
        echo "$label: {$error->getCode()}\n";
        return;
    }
    throw new Exception("$label: succeeds");
}

$url = parse_url($argv[1]);
$source = "pgsql:host={$url['host']};port={$url['port']};dbname=" . ltrim($url['path'], '/');
$pdo = new PDO($source, $url['user'], null, [
    PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
    PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_NUM,
]);
$ask = function (string $text, array $values = []) use ($pdo): array {
    $statement = $pdo->prepare($text);
    $statement->execute($values);
    return $statement->fetchAll();
};

section('queries');
show('one', $pdo->query('SELECT 1 AS one', PDO::FETCH_ASSOC)->fetchAll());
show('status', $pdo->getAttribute(PDO::ATTR_DRIVER_NAME));
$pdo->exec('DROP TABLE IF EXISTS driver_value');
show('create', $pdo->exec('CREATE TABLE driver_value (id serial PRIMARY KEY, i2 smallint, i4 integer, i8 bigint,
    f8 double precision, n numeric(12,3), b boolean, t text, v varchar(50), bin bytea, d date, tm time,
    ts timestamp, u uuid)'));

section('values');
$names = ['i2', 'i4', 'i8', 'f8', 'n', 'b', 't', 'v', 'd', 'tm', 'ts', 'u'];
$values = [-32768, 2147483647, '9223372036854775807', -1.5e-7, '123456789.125', 'true', TEXT, '', '2024-02-29',
    '23:59:58.123456', '2024-02-29 23:59:58.123456', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'];
$insert = 'INSERT INTO driver_value (' . implode(', ', $names) . ') VALUES ('
    . implode(', ', array_fill(0, count($names), '?')) . ') RETURNING id, t';
show('returning', $ask($insert, $values));
show('nulls', $ask($insert, array_fill(0, count($names), null)));
$bytes = $pdo->prepare('UPDATE driver_value SET bin = :bin, b = :b WHERE id = :id');
$bytes->bindValue('bin', "\x00\x01'\\\xff", PDO::PARAM_LOB);
$bytes->bindValue('b', false, PDO::PARAM_BOOL);
$bytes->bindValue('id', 1, PDO::PARAM_INT);
$bytes->execute();
show('bytes', $bytes->rowCount());
$binary = $pdo->query('SELECT bin FROM driver_value WHERE id = 1')->fetch();
show('binary', bin2hex(stream_get_contents($binary[0])));
$back = $pdo->query('SELECT ' . implode(', ', $names) . ' FROM driver_value ORDER BY id');
foreach (range(0, count($names) - 1) as $at) {
    $meta = $back->getColumnMeta($at);
    show('meta', [$meta['name'], $meta['native_type'], $meta['pdo_type']]);
}
foreach ($back as $row) show('row', $row);
foreach ($names as $at => $name) {
    if ($name !== 'b') show("by $name", $ask("SELECT id FROM driver_value WHERE $name = ?", [$values[$at]]));
}
show('array', $ask('SELECT id FROM driver_value WHERE i4 = ANY(?::int[])', ['{1,2147483647}']));
show('quote', $pdo->query('SELECT ' . $pdo->quote(TEXT))->fetch());

section('prepared statements');
$again = $pdo->prepare('SELECT ?::text AS t, ?::int + 1 AS n');
foreach (['x', 'y', 'z'] as $text) {
    $again->execute([$text, 1]);
    show('again', $again->fetchAll());
}
$pdo->setAttribute(PDO::ATTR_EMULATE_PREPARES, true);
show('emulated', $ask('SELECT id FROM driver_value WHERE t = ? AND i4 = ?', [TEXT, 2147483647]));
$pdo->setAttribute(PDO::ATTR_EMULATE_PREPARES, false);

section('transactions');
$pdo->beginTransaction();
$ask('INSERT INTO driver_value (t) VALUES (?)', ['kept']);
$pdo->exec('SAVEPOINT inner_one');
fails('in a transaction', fn () => $pdo->exec('INSERT INTO driver_value (id) VALUES (1)'));
fails('after it', fn () => $pdo->query('SELECT 1'));
$pdo->exec('ROLLBACK TO SAVEPOINT inner_one');
show('commit', $pdo->commit());
$pdo->beginTransaction();
show('deleted', $pdo->exec('DELETE FROM driver_value'));
show('roll back', $pdo->rollBack());
show('left', $ask("SELECT count(*) FROM driver_value WHERE t LIKE 'kept%'"));

section('errors');
fails('syntax', fn () => $pdo->query('SELECT FROM WHERE'));
fails('table', fn () => $ask('SELECT * FROM driver_absent WHERE a = ?', [1]));
fails('column', fn () => $pdo->query('SELECT absent FROM driver_value'));
fails('bad integer', fn () => $ask('SELECT id FROM driver_value WHERE i4 = ?', ['one']));
show('and on', $ask('SELECT 1'));

section('COPY and many rows');
$pdo->exec('DROP TABLE IF EXISTS driver_many');
$pdo->exec('CREATE TABLE driver_many (id int PRIMARY KEY, name text, price numeric(10,2))');
$lines = array_map(fn ($id) => "$id\tname $id\t" . ($id % 2 ? '\\N' : '1.50'), range(0, 499));
show('in', $pdo->pgsqlCopyFromArray('driver_many', $lines));
show('out', array_slice($pdo->pgsqlCopyToArray('driver_many'), 0, 3));
$upsert = 'INSERT INTO driver_many VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name RETURNING id, name';
show('upsert', $ask($upsert, [1, 'new']));
$scroll = $pdo->prepare('SELECT id FROM driver_many ORDER BY id', [PDO::ATTR_CURSOR => PDO::CURSOR_SCROLL]);
$pdo->beginTransaction();
$scroll->execute();
show('next', $scroll->fetch(PDO::FETCH_NUM, PDO::FETCH_ORI_NEXT));
show('last', $scroll->fetch(PDO::FETCH_NUM, PDO::FETCH_ORI_LAST));
show('prior', $scroll->fetch(PDO::FETCH_NUM, PDO::FETCH_ORI_PRIOR));
$scroll = null;
$pdo->commit();

section('time-outs');
$pdo->exec('SET statement_timeout = 200');
fails('time-out', fn () => $pdo->query(LONG));
$pdo->exec('RESET statement_timeout');
show('and on', $ask('SELECT 1'));

$pdo->exec('DROP TABLE driver_value');
$pdo->exec('DROP TABLE driver_many');
section('end');
