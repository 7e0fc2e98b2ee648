// Looking up an item by characters, by whole pinyin, by initials, or by any mixture: the rule of
// server/domain/item_search.py, with the same table of examples (tests/item_search.json).

/** The items that `asked` means, those whose names begin with it first, else in the order given; all of them when
 * nothing is asked. `pinyin` has a syllable for each character, with all its readings: "yin hang/heng/xing".
 * @template {{name: string, pinyin: string}} Item @param {Item[]} items @param {string} asked @returns {Item[]} */
export function search(items, asked) {
  const wanted = plain(asked);
  const found = items.map((item) => ({ item, at: place(item, wanted) })).filter(({ at }) => at >= 0);
  return [...found.filter(({ at }) => at === 0), ...found.filter(({ at }) => at > 0)].map(({ item }) => item);
}

const plain = (text) => text.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/** At which character of its name the item says what is wanted, -1 when nowhere. */
function place({ name, pinyin }, wanted) {
  const written = plain(name).indexOf(wanted);
  if (written >= 0) return written;
  const syllables = pinyin.split(" ").filter(Boolean).map((one) => one.split("/"));
  return syllables.findIndex((_, at) => reads(syllables.slice(at), wanted));
}

/** Whether `letters` are beginnings of the syllables, none left out: "ylbx", "yanglao", "yanglbx". */
function reads(syllables, letters) {
  if (!letters || !syllables.length) return !letters;
  const [readings, ...others] = syllables;
  const begins = (n) => readings.some((one) => one.startsWith(letters.slice(0, n)));
  return Array.from(letters, (_, n) => n + 1).some((n) => begins(n) && reads(others, letters.slice(n)));
}
