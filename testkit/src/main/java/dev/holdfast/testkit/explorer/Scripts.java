package dev.holdfast.testkit.explorer;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Hand-written workloads. Each workload exercises one feature of the log. Segments have 8 KiB; 2896 bytes of each
 * segment hold groups of records.
 */
final class Scripts {
    private Scripts() {}

    /** Returns workloads by name for segments of 32 KiB. A group of 4 KiB fills holes itself. */
    static Map<String, Workload> ofLargeGroups() {
        Map<String, Workload> scripts = new LinkedHashMap<>();
        script(
                scripts,
                "rolls into files with holes",
                "append 16000; append 9000; append 9000; append 5000; append 100; append 9000; append 100; check");
        script(
                scripts,
                "holes, idle, truncate, trim",
                "append 16000; append 9000; append 9000; idle; append 5000; truncate 1; append 6000; trim 2; kill; check");
        return scripts;
    }

    /** Returns a workload for segments of 128 KiB, in which no group fills holes itself. */
    static Workload longSegments() {
        return Workload.parse("append 16000;".repeat(16) + "append 12000; append 3000; append 12000; check");
    }

    /** Returns a workload for a first segment and spares of 8 KiB, and later ones of 32 KiB. */
    static Workload growingReserve() {
        return Workload.parse("append 100; append 900; truncate 1; append 9000; truncate 1; append 3000; trim 1; kill;"
                + " append 9000; append 50; reset 9; append 9000; check");
    }

    /** Returns all workloads by name. */
    static Map<String, Workload> all() {
        Map<String, Workload> scripts = new LinkedHashMap<>();
        script(
                scripts,
                "record sizes at limits",
                "append 0; append 1; append 463; append 464; append 465; append 0,0,1; reopen; check");
        script(
                scripts,
                "record sizes at sector boundaries",
                "append 416; append 456; append 512; append 8; append 424; kill; append 1; check");
        script(
                scripts,
                "record sizes at page boundaries",
                "append 2856; append 2848; append 4096; append 4048; append 8192; check");
        script(scripts, "batches", "append 1,2,3; append 400,400,400; append 0,0,0,0; append 900,900; append 7; check");
        script(
                scripts,
                "queued batches",
                "async 10,20; async 600; async 5; write; append 9; async 80; complete; sync; check");
        script(scripts, "rolls", "append 1200; append 1200; append 1200; maintain; append 1200; append 1200; check");
        script(
                scripts,
                "rolls without spares",
                "append 2800; append 2800; append 2800; append 2800; append 2800; check");
        script(
                scripts,
                "batch over a roll",
                "append 1000; append 1000,1000; maintain; append 500,500,500,500; append 3; check");
        script(
                scripts,
                "same sizes again",
                "append 100; append 100; append 100; append 100; truncate 3; append 100; kill; append 100; check");
        script(
                scripts,
                "truncate a long tail",
                "append 900; append 900; append 900; truncate 1; append 40; kill; append 900; truncate 1; check");
        script(
                scripts,
                "long segment",
                "append 16384,16384,16384,16384,9; check; append 9,9; append 3000; check; reopen; truncate 3; append 40; check");
        script(
                scripts,
                "truncate within",
                "append 10,20,30; append 40; truncate 1; append 50; truncate 2; append 60; check");
        script(
                scripts,
                "truncate across",
                "append 1400,1400; append 1400,1400; append 1400; truncate 3; append 77; check");
        script(
                scripts,
                "truncate to nothing",
                "append 300; append 300; truncate 100; append 40; truncate 1; put 5 9; check");
        script(
                scripts,
                "truncate again and again",
                "append 20,20,20,20; truncate 1; truncate 1; truncate 1; append 20; reopen; check");
        script(
                scripts,
                "trim",
                "append 1400; append 1400; append 1400; append 1400; trim 1; trim 2; append 5; reopen; check");
        script(scripts, "trim of all", "append 700; append 2700; trim 100; append 30; trim 1; reopen; append 8; check");
        script(
                scripts,
                "trim, truncate",
                "append 900,900; append 900,900; trim 1; truncate 1; append 800; trim 2; append 4; check");
        script(
                scripts,
                "reset",
                "append 100; append 2800; reset 5; put 0 10; reset 1; reopen; put 0 7; append 6;"
                        + " reset 2; append 2000,2000,2000; check");
        script(scripts, "ids elsewhere", "put 9 10,10; truncate 10; put 3 10; trim 10; put 0 5; check");
        script(scripts, "reopen", "append 10; reopen; append 20; reopen; reopen; append 30; idle; reopen; check");
        script(
                scripts,
                "reopen without end",
                "reopen; append 500; sync; idle; append 500; idle; idle; append 5; reopen; check");
        script(
                scripts,
                "kill, then power",
                "append 100; kill; append 200; kill; kill; append 30; cut 1; append 4; check");
        script(
                scripts,
                "power, then kill",
                "append 700; async 700; write; cut 2; append 60; cut 3; kill; append 9; check");
        script(
                scripts,
                "kill in the queue",
                "async 300; write; async 300; kill; append 20; async 40; kill; append 6; check");
        script(
                scripts,
                "recycled blocks",
                "append 2000; append 2000; append 2000; trim 2; append 2000; append 100; append 100; check");
        script(
                scripts,
                "recycled by reset",
                "append 2000; append 2000; reset 1; append 900; append 900; reset 1; append 50; check");
        script(
                scripts,
                "recycled long files",
                "append 5000; append 10; reset 1; append 5000; append 20; trim 1; append 5000; check");
        script(
                scripts,
                "recycled by truncate",
                "append 900,900; append 2000; truncate 2; append 60; maintain; truncate 2; append 7; check");
        script(
                scripts,
                "delayed removal",
                "delay; append 1400; append 1400; append 1400; append 1400; trim 2; append 1400; truncate 1;"
                        + " append 1400; trim 1; maintain; append 1400; reset 2; append 5; maintain; delay;"
                        + " append 1400; trim 9; append 1400; reopen; append 6; check");
        script(scripts, "idle markers", "append 400; idle; append 400; append 2000; idle; idle; append 3; kill; check");
        script(
                scripts,
                "cursors",
                "append 50,50,50; follow 0; follow 2; step; truncate 2; append 60,60; step; trim 2; step; step; check");
        script(
                scripts,
                "cursors in recycled blocks",
                "append 2000; follow 0; step; append 2000; follow 1; trim 1; append 2000; step; step; check");
        script(
                scripts,
                "readers and rivals",
                "peek; append 10; peek; rival; append 2800; peek; truncate 1; peek; reopen; rival; peek");
        return scripts;
    }

    /** Returns a workload with every feature, for explorations that inject a fault at each of its steps. */
    static Workload everything() {
        return Workload.parse(
                "append 100,0; append 2000; maintain; append 3000; async 30; write; peek; truncate 1; append 500; trim 1;"
                        + " idle; append 40; follow 0; reopen; check; append 2000; append 900; step; reset 2; put 0 60; kill; append 5; check; reopen");
    }

    private static void script(Map<String, Workload> scripts, String name, String script) {
        scripts.put(name, Workload.parse(script));
    }
}
