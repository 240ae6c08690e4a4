// One rule of one's own; everything else is delegated to the rules below.
//
// PostgreSQL's LISTEN and UNLISTEN have no counterpart in IRIS, so the rules of pgiris refuse
// them. Some frameworks send them when they connect and get along without ever being notified;
// for these the two commands are acknowledged here, with a warning.
import * as below from 'pgiris:rules/translator@9.0.0';

const LISTEN = /^\s*(LISTEN|UNLISTEN)\s+(?:[a-z_][a-z0-9_$]*|"[^"]+"|\*)\s*;?\s*$/i;

/** The plan of a command that does nothing but tell the client so. */
function acknowledged(word) {
  return {
    plan: {
      tag: 'answer',
      val: { columns: [], rows: [], tag: { word, counted: false }, parameters: [] },
    },
    notices: [
      {
        severity: 'warning',
        sqlstate: '01000',
        message: `${word} has no effect: IRIS does not notify`,
      },
    ],
    applied: [{ rule: 'listen_acknowledged' }],
  };
}

export const translator = {
  describe() {
    const manifest = below.describe();
    manifest.version = `${manifest.version}+listen`;
    manifest.rules.push({
      name: 'listen_acknowledged',
      summary: 'Acknowledges LISTEN and UNLISTEN with a warning.',
    });
    // Those of the rules below that say something else.
    manifest.examples = manifest.examples.filter(({ input }) => !LISTEN.test(input));
    manifest.examples.push({ input: 'LISTEN jobs', output: 'answer' });
    return manifest;
  },

  translate(request) {
    const command = LISTEN.exec(request.text);
    if (command) {
      return [acknowledged(command[1].toUpperCase())];
    }
    return below.translate(request);
  },

  mapTypes: below.mapTypes,
  mapError: below.mapError,
  serverVersion: below.serverVersion,
};
