// What counts as a secret, and where it is found. tests/baking/secrets.py has whole apps.
#include "secrets/secret_search.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

using Places = std::vector<std::pair<size_t, size_t>>;

Places Find(const ByteSearch& search, std::string_view text) {
  Places out;
  search.Find(text, [&](size_t number, size_t at) { out.emplace_back(number, at); });
  return out;
}

TEST(ByteSearch, FindsAllOccurrencesAlsoAtTheEnds) {
  ByteSearch search;
  EXPECT_EQ(search.Add("abcd"), 0u);
  EXPECT_EQ(search.Add("bcdabc"), 1u);
  EXPECT_EQ(search.Add("xxtail", 2), 2u);
  EXPECT_EQ(Find(search, "abcdabcd"), (Places{{0, 0}, {1, 1}, {0, 4}}));
  EXPECT_EQ(Find(search, "tail xxtail"), (Places{{2, 5}}));
  EXPECT_TRUE(Find(search, "abc").empty());
  EXPECT_TRUE(Find(search, "").empty());
}

std::vector<std::string> ValuesOf(std::vector<std::string> environment, GivenValues given = {}) {
  std::vector<std::string> out;
  for (const SecretValue& value : SecretValuesOf({.environment = std::move(environment)}, given))
    out.push_back(value.name + "=" + value.value);
  return out;
}

TEST(SecretValues, AreThoseThatNobodyGuesses) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(ValuesOf({"A=t0p-secret-value", "B=correct-horse-battery", "C=abcdefghijklmnopqr"}),
            (Texts{"A=t0p-secret-value", "B=correct-horse-battery", "C=abcdefghijklmnopqr"}));
  for (const char* harmless :
       {"A=short-1", "A=development", "A=12345678", "A=1.22.333-rc.1", "A=2026-11-30T10:00:00.000Z",
        "A=/usr/bin:/bin/sh", "A=hello-world", "PATH=/home/x/bin1", "LC_ALL=xx_YY.UTF-81",
        "GITHUB_SHA=0a1b2c3d4e5f", "npm_package_name=lib-2000x", "A", "A="})
    EXPECT_EQ(ValuesOf({harmless}), Texts{}) << harmless;
  EXPECT_EQ(ValuesOf({"A=k9-4711-0815"}), Texts{"A=k9-4711-0815"});
  EXPECT_EQ(ValuesOf({"A=4711-0815x"}), Texts{"A=4711-0815x"});
  // The password of a URL is a value of its own.
  EXPECT_EQ(ValuesOf({"DATABASE_URL=postgres://shop:Zk7pq2Lw@db.internal:5432/shop"}),
            (Texts{"DATABASE_URL=postgres://shop:Zk7pq2Lw@db.internal:5432/shop",
                   "DATABASE_URL=Zk7pq2Lw"}));
  // A variable whose name says so.
  EXPECT_EQ(ValuesOf({"DB_PASSWORD=hello-world"}), Texts{"DB_PASSWORD=hello-world"});
  EXPECT_EQ(ValuesOf({"GITHUB_TOKEN=0a1b2c3d4e5f"}), Texts{"GITHUB_TOKEN=0a1b2c3d4e5f"});
  // On the command line.
  EXPECT_EQ(ValuesOf({}, {.baked_environment = {"K=value-4711", "U=https://host.example/v1"},
                          .defines = {{"D", "\"value-4712\""},
                                      {"O", "{\"a\": [\"value-4713\", 1]}"},
                                      {"E", "some.expression4"}}}),
            (Texts{"K=value-4711", "D=value-4712", "O=value-4713"}));
}

TEST(SecretValues, OfTheMachine) {
  auto kinds = [](BuildMachine machine) {
    std::string out;
    for (const SecretValue& value : SecretValuesOf(machine, {}))
      out += std::string(value.kind) + " " + value.value + (value.is_common ? " common\n" : "\n");
    return out;
  };
  EXPECT_EQ(kinds({.user = "grace", .home = "/home/grace/", .host = "orion.lan"}),
            "home /home/grace\nuser grace\nhost orion\nhost orion.lan\n");
  EXPECT_EQ(kinds({.user = "root", .home = "/root", .host = "localhost"}), "home /root common\n");
  EXPECT_EQ(kinds({.user = "runner", .home = "/home/runner", .host = "vm"}),
            "home /home/runner common\n");
  EXPECT_EQ(kinds({.user = "nobody", .home = "/nonexistent"}), "home /nonexistent common\n");
  EXPECT_EQ(kinds({.user = "x", .home = "/var/lib/x"}), "");
  // A value that several variables have is one secret.
  auto values = SecretValuesOf({.environment = {"A=value-4711", "B=value-4711"}}, {});
  ASSERT_EQ(values.size(), 1u);
  EXPECT_EQ(values[0].other_names, std::vector<std::string>{"B"});
}

TEST(SecretValues, InFilesHaveNames) {
  auto found = [](const char* path, const char* text) {
    std::string out;
    for (const auto& [name, value] : NamedSecretsIn(path, text)) out += name + "=" + value + "\n";
    return out;
  };
  EXPECT_EQ(found("/kiln/.env",
                  "A=b\nTITLE=my app 4711\n# x\nexport DB_PASSWORD='hunter2-4711'\r\n"
                  "TOKEN = short1\nAPI_TOKEN=a=b=c4711"),
            "DB_PASSWORD=hunter2-4711\nAPI_TOKEN=a=b=c4711\n");
  EXPECT_EQ(found("/kiln/.env.local", "KEY_ID=hunter2-4711"), "KEY_ID=hunter2-4711\n");
  EXPECT_EQ(found("/kiln/env.js", "API_TOKEN=hunter2-4711"), "");
  EXPECT_EQ(found("/kiln/a.json", R"({"list": [{"apiKey": "hunter2-4711", "name": "hunter2-4712"}],
                                      "password": "Enter 1 password", "token": "development"})"),
            "apiKey=hunter2-4711\n");
  EXPECT_EQ(found("/kiln/.npmrc", "//registry/:_authToken=hunter2-4711\nname=hunter2-4712"),
            "//registry/:_authToken=hunter2-4711\n");
  EXPECT_EQ(found("/kiln/a.yml", "db:\n  password: 'hunter2-4711'\n  token: see the manual 4\n"),
            "password=hunter2-4711\n");
  EXPECT_EQ(found("/kiln/secrets/db_password", "hunter2-4711\n"), "db_password=hunter2-4711\n");
  EXPECT_EQ(found("/kiln/token.txt", "hunter2-4711 4712\n"), "");
  EXPECT_EQ(found("/kiln/notes.txt", "hunter2-4711\n"), "");
}

// "kind line" of what is found.
std::string FoundIn(const SecretSearch& search) {
  std::string out;
  for (const FoundSecret& secret : search.found()) {
    out += std::string(secret.kind);
    for (const SecretPlace& place : secret.places) {
      out += " " + std::to_string(place.line) + ":" + std::to_string(place.column);
      if (!place.encoding.empty()) out += "(" + std::string(place.encoding) + ")";
    }
    out += "\n";
  }
  return out;
}

std::string Search(SearchedText text, std::vector<SecretValue> values = {}) {
  SecretSearch search(std::move(values));
  search.SearchText(text);
  return FoundIn(search);
}

TEST(SecretSearch, FindsEncodedValues) {
  std::vector<SecretValue> value = {
      {.kind = kEnvironmentKind, .name = "A", .value = "a/\"b\"?\xC3\xA4-4711"}};
  auto found = [&](std::string_view text) { return Search({.text = text}, value); };
  EXPECT_EQ(found("\n a/\"b\"?\xC3\xA4-4711"), "environment 2:2\n");
  EXPECT_EQ(found("x a/\"b\"?\xE4-4711"), "environment 1:3\n");
  EXPECT_EQ(found("'a/\\\"b\\\"?\xC3\xA4-4711'"), "environment 1:2\n");
  EXPECT_EQ(found("a%2F%22b%22%3F%C3%A4-4711"), "environment 1:1(percent)\n");
  EXPECT_EQ(found("612f2262223fc3a42d34373131"), "environment 1:1(hexadecimal)\n");
  using namespace std::string_literals;
  EXPECT_EQ(found("a\0/\0\"\0b\0\"\0?\0\xE4\0-\0004\0007\0001\0001\0"s), "environment 0:0\n");
  EXPECT_EQ(found("a/\"b\"?\xC3\xA4-471"), "");
  // base64 of "a", "ab" and "abc" before the value.
  std::vector<SecretValue> plain = {{.kind = kEnvironmentKind, .name = "A", .value = "v4lue-4711"}};
  for (const char* text : {"djRsdWUtNDcxMQ==", "YXY0bHVlLTQ3MTE=", "YWJ2NGx1ZS00NzEx"})
    EXPECT_NE(Search({.text = text}, plain).find("(base64)"), std::string::npos) << text;
}

TEST(SecretSearch, NamesAreWords) {
  std::vector<SecretValue> user = {{.kind = kUserKind, .value = "alice", .is_word = true}};
  EXPECT_EQ(Search({.text = "owner: alice\n"}, user), "user 1:8\n");
  EXPECT_EQ(Search({.text = "alices malice alice1 alice_"}, user), "");
  // In code it is a name of the program, unless it is quoted or in a path.
  EXPECT_EQ(Search({.text = "let alice = alice + 1", .is_code = true}, user), "");
  EXPECT_EQ(Search({.text = "let a = 'alice'", .is_code = true}, user), "user 1:10\n");
  EXPECT_EQ(Search({.text = "// see /srv/alice or alice@host", .is_code = true}, user),
            "user 1:13\n");
  EXPECT_EQ(Search({.text = "owner: alice", .is_package = true}, user), "");
  std::vector<SecretValue> home = {{.kind = kHomeKind, .value = "/home/alice", .is_word = true}};
  EXPECT_EQ(Search({.text = "'/home/alice'"}, home), "home 1:2\n");
  EXPECT_EQ(Search({.text = "file:///home/alice/x", .is_package = true}, home), "home 1:8\n");
  EXPECT_EQ(Search({.text = "/mnt/home/alice /home/alice2 /home/alice-b"}, home), "");
  std::vector<SecretValue> root = {
      {.kind = kHomeKind, .value = "/root", .is_word = true, .is_common = true}};
  EXPECT_EQ(Search({.text = "/root /root/ /rooted"}, root), "");
  EXPECT_EQ(Search({.text = "/root/.ssh"}, root), "home 1:1\n");
  EXPECT_EQ(Search({.text = "/root/keys"}, root), "home 1:1\n");
  EXPECT_EQ(Search({.text = "/root/keys", .is_package = true}, root), "");
}

TEST(SecretSearch, APartOfALongerValueIsNoSecretOfItsOwn) {
  std::vector<SecretValue> values = {
      {.kind = kUserKind, .value = "alice", .is_word = true},
      {.kind = kHomeKind, .value = "/home/alice", .is_word = true},
      {.kind = kEnvironmentKind, .name = "A", .value = "db://a:b4c5d6e7@host"},
      {.kind = kEnvironmentKind, .name = "A", .value = "b4c5d6e7"}};
  EXPECT_EQ(Search({.text = "'/home/alice/x' 'db://a:b4c5d6e7@host'"}, values),
            "home 1:2\nenvironment 1:18\n");
  // The folder does not count here, but the name does.
  EXPECT_EQ(Search({.text = "/mnt/home/alice b4c5d6e7"}, values), "user 1:11\nenvironment 1:17\n");
}

TEST(SecretSearch, FindsKeysButNoPlaceholders) {
  EXPECT_EQ(Search({.text = "k='AKIA4S6ZQJ2PWLX7RT3M'"}), "aws-key 1:4\n");
  EXPECT_EQ(Search({.text = "AKIA4S6ZQJ2PWLX7RT3M", .is_package = true}), "");
  EXPECT_EQ(Search({.text = "AKIA4S6ZQJ2PWLX7RT3MX AKIAIOSFODNN7EXAMPLE XAKIA4S6ZQJ2PWLX7RT3M"}),
            "");
  EXPECT_EQ(Search({.text = "redis://:pa55w0rd@cache amqp://a:b2c3d4@host.example.org"}),
            "url-password 1:1\nurl-password 1:25\n");
  EXPECT_EQ(Search({.text = "http://a:1/b@c http://user:password@host http://x@y x://${a}:${b}@c "
                            "http://a:b4@example.com"}),
            "");
  EXPECT_EQ(Search({.text = "Basic dXNlcjpwYXNzd29yZA== Basic dXNlcjpaazdwcTJMdw=="}),
            "authorization 1:28\n");
  // The header of a token with what it contains is one secret.
  EXPECT_EQ(Search({.text = "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl"}),
            "authorization 1:1\n");
  EXPECT_EQ(Search({.text = "eyJhbGciOiJIUzI1NiJ9.payload eyJzdWIiOiJhbGljZSJ9.eyJzdWIiOiJhIn0"}),
            "");
  // A value of the environment that is a key is reported as the former.
  EXPECT_EQ(
      Search({.text = "glpat-9zXkQ2mWv7LtBn4Rc1Yd"},
             {{.kind = kEnvironmentKind, .name = "A", .value = "glpat-9zXkQ2mWv7LtBn4Rc1Yd"}}),
      "environment 1:1\n");
}

TEST(SecretSearch, WhatTextsAndTheOtherSnapshotHaveDoesNotComeFromEvaluation) {
  const std::string key = "AKIA4S6ZQJ2PWLX7RT3M", other = "AKIA4S6ZQJ2PWLX7RT3N";
  auto found = [&](std::string_view text, std::string_view state, std::string_view without) {
    SecretSearch search({{.kind = kEnvironmentKind, .name = "A", .value = "value-4711"}});
    search.SearchText({.text = text, .is_package = true});
    search.SearchState(state, without);
    std::string out;
    for (const FoundSecret& secret : search.found())
      out +=
          secret.shown + (secret.places[0].in == SecretPlace::In::kState ? " state\n" : " text\n");
    return out;
  };
  EXPECT_EQ(found("", key + "\0", ""), "AKI state\n");
  EXPECT_EQ(found("", key, key), "");
  EXPECT_EQ(found(key, key, ""), "");
  EXPECT_EQ(found(key, key + " " + other, ""), "AKI state\n");
  EXPECT_EQ(found("", "value-4711", ""), "val state\n");
  EXPECT_EQ(found("", "value-4711", "value-4711"), "");
  EXPECT_EQ(found("value-4711", "value-4711", ""), "val text\n");
}

}  // namespace
}  // namespace kiln
