// Shows a published document to a feed reader, and prints what it makes of each entry as JSON:
// node read.mjs READER FILE. What each field means stands in tests/javascript.py.
import { readFileSync } from "node:fs";
import { extractFromJson, extractFromXml } from "@extractus/feed-extractor";
import { parseFeed } from "feedsmith";
import RssParser from "rss-parser";

const textOf = (value) => (typeof value === "object" ? (value?.value ?? value?.["#text"] ?? value?.text) : value);

const readers = {
  feedsmith(text) {
    const { format, feed } = parseFeed(text);
    const read = {
      rss: (item) => [item.guid.value, item.title, item.link, item.pubDate, item.content?.encoded ?? item.description],
      atom: (entry) => [
        entry.id,
        textOf(entry.title),
        (entry.links ?? []).find((link) => link.rel === "alternate")?.href,
        entry.published,
        textOf(entry.content),
      ],
      json: (item) => [item.id, item.title, item.url, item.date_published, item.content_html ?? item.content_text],
    }[format];
    const sounds = {
      rss: (item) => (item.enclosures ?? []).map((one) => one.url),
      atom: (entry) => (entry.links ?? []).filter((link) => link.rel === "enclosure").map((link) => link.href),
      json: (item) => (item.attachments ?? []).map((one) => one.url),
    }[format];
    return (feed.items ?? feed.entries ?? []).map((entry) => [...read(entry), sounds(entry)]);
  },

  "feed-extractor"(text) {
    // Its own choice for Atom's date is the update, and it shortens texts: what it read stands in the raw entry.
    const options = {
      getExtraEntryFields: (raw) => ({
        date: raw.pubDate ?? raw.published ?? raw.date_published,
        html: raw["content:encoded"] ?? raw.content_html ?? raw.content ?? raw.content_text ?? raw.description,
      }),
    };
    const isJson = text.startsWith("{");
    const feed = isJson ? extractFromJson(JSON.parse(text), options) : extractFromXml(text, options);
    return feed.entries.map((entry) => [entry.id, entry.title, entry.link, entry.date, textOf(entry.html), null]);
  },

  async "rss-parser"(text) {
    const feed = await new RssParser().parseString(text);
    return feed.items.map((item) => [
      item.guid ?? item.id,
      item.title,
      item.link,
      item.isoDate,
      item["content:encoded"] ?? item.content,
      null,
    ]);
  },
};

const [reader, file] = process.argv.slice(2);
const entries = await readers[reader](readFileSync(file, "utf8"));
const named = entries.map(([id, title, link, date, html, sounds]) => ({
  id,
  title,
  link,
  date: new Date(date).toISOString(),
  html,
  sounds,
}));
process.stdout.write(JSON.stringify(named));
