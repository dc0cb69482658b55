package dev.holdfast.wal;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Compares the picture in {@code docs/design.md} and the paths in {@code where-to-put-your-change.md} with the code.
 */
class DesignDocTest {
    private static final Path ROOT = Stream.iterate(Path.of("").toAbsolutePath(), Path::getParent)
            .filter(folder -> Files.isDirectory(folder.resolve("core/src/main/java")))
            .findFirst()
            .orElseThrow();

    private static final Path CORE = ROOT.resolve("core/src/main/java/dev/holdfast/wal");

    /** The rooms that the picture leaves out, because they are on no path or on each. */
    private static final Set<String> NOT_IN_THE_PICTURE = Set.of("wal", "format", "ids", "threads", "memory");

    @Test
    void pictureShowsEveryRoomOnAPath() throws IOException {
        assertThat(picture().keySet())
                .containsExactlyInAnyOrderElementsOf(ArchitectureTest.ARROWS.keySet().stream()
                        .filter(room -> !NOT_IN_THE_PICTURE.contains(room))
                        .toList());
    }

    @Test
    void roomsOfThePictureUseOnlyLowerRooms() throws IOException {
        List<String> rows = List.copyOf(picture().keySet());
        ArchitectureTest.ARROWS.forEach((room, used) -> used.stream()
                .filter(rows::contains)
                .forEach(lower -> assertThat(rows.indexOf(room))
                        .as(room + " uses " + lower)
                        .isLessThan(rows.indexOf(lower))));
    }

    @Test
    void classesOfThePictureAreInTheirRoom() throws IOException {
        picture()
                .forEach((room, classes) -> assertThat(classes)
                        .isNotEmpty()
                        .allSatisfy(name -> assertThat(CORE.resolve(room).resolve(name + ".java"))
                                .exists()));
    }

    @Test
    void filesToTouchExist() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/where-to-put-your-change.md"));
        Set<String> files = Pattern.compile("`([\\w./-]+\\.(?:java|md|xml|txt))`")
                .matcher(page)
                .results()
                .map(match -> match.group(1))
                .collect(toSet());
        assertThat(files)
                .hasSizeGreaterThan(20)
                .allSatisfy(file -> assertThat(ROOT.resolve(file)).exists());
    }

    /** Returns the classes of the picture by room, in the order of its lines. */
    private static Map<String, List<String>> picture() throws IOException {
        String document = Files.readString(ROOT.resolve("docs/design.md"));
        String picture = document.substring(document.indexOf("```") + 3);
        Map<String, List<String>> rooms = new LinkedHashMap<>();
        Pattern.compile("^([a-z]+) +(.*)$", Pattern.MULTILINE)
                .matcher(picture.substring(0, picture.indexOf("```")))
                .results()
                .forEach(line -> rooms.put(
                        line.group(1),
                        Pattern.compile("\\b[A-Z]\\w+")
                                .matcher(line.group(2))
                                .results()
                                .map(MatchResult::group)
                                .toList()));
        return rooms;
    }
}
