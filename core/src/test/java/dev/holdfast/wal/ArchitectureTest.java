package dev.holdfast.wal;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.lang.module.ModuleDescriptor;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Calendar;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The rooms of the log and the arrows between them. A room that is not in {@link #ARROWS} does not exist. */
class ArchitectureTest {
    private static final String ROOT = "dev.holdfast.wal";

    /** The contract, which every room but format may know. */
    private static final String WAL = "wal";

    /** The rooms that each room may use, besides itself and the JDK. Every arrow points to an earlier room. */
    static final Map<String, Set<String>> ARROWS = Map.ofEntries(
            Map.entry(WAL, Set.of()),
            Map.entry("ids", Set.of(WAL)),
            Map.entry("format", Set.of()),
            Map.entry("threads", Set.of(WAL)),
            Map.entry("memory", Set.of(WAL, "ids", "threads")),
            Map.entry("storage", Set.of(WAL)),
            Map.entry("segment", Set.of("format", "storage", WAL)),
            Map.entry("chain", Set.of("segment", "format", "storage", WAL)),
            Map.entry("catalog", Set.of("segment", "format", "ids", "threads", WAL)),
            Map.entry("commit", Set.of("chain", "catalog", "segment", "format", "storage", "ids", "threads", WAL)),
            Map.entry("recovery", Set.of("chain", "catalog", "segment", "format", "storage", "ids", WAL)),
            Map.entry("read", Set.of("catalog", "segment", "format", "storage", "ids", "threads", WAL)),
            Map.entry(
                    "engine",
                    Set.of(
                            "read",
                            "recovery",
                            "commit",
                            "chain",
                            "catalog",
                            "segment",
                            "format",
                            "storage",
                            "ids",
                            "threads",
                            WAL)),
            Map.entry("file", Set.of("engine", "commit", "recovery", "format", "storage", "threads", WAL)));

    /** The import of a type or of a static member; group 1 is the room, and null for the contract. */
    private static final Pattern IMPORT =
            Pattern.compile("(?m)^import (?:static )?dev\\.holdfast\\.wal\\.(?:([a-z]+)\\.)?[A-Z]");

    private static final Set<String> PUBLIC_ROOMS = Set.of(WAL, "memory", "file");

    private static final String BOOKKEEPER = "dev.holdfast.bookkeeper";
    private static final String CLI = "dev.holdfast.cli";
    private static final String REPAIR = "dev.holdfast.repair";
    private static final String STORE = "dev.holdfast.store";
    private static final String TESTKIT = "dev.holdfast.testkit";

    /** The rooms that some modules of the project may know, and no user. */
    private static final Map<String, Set<String>> EXPORTED_TO = Map.of(
            "ids", Set.of(BOOKKEEPER, STORE),
            "threads", Set.of(BOOKKEEPER, STORE, TESTKIT, CLI),
            "commit", Set.of(STORE, TESTKIT, CLI),
            "format", Set.of(REPAIR, CLI),
            "segment", Set.of(REPAIR),
            "chain", Set.of(REPAIR),
            "catalog", Set.of(REPAIR, TESTKIT, CLI),
            "recovery", Set.of(REPAIR, TESTKIT, CLI),
            "storage", Set.of(REPAIR, TESTKIT, CLI),
            "engine", Set.of(TESTKIT, CLI));

    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(location -> !location.contains("/test-classes/"))
            .importPackages(ROOT);

    @Test
    void everyPackageIsARoom() {
        assertThat(CORE).isNotEmpty();
        assertThat(CORE.stream().map(JavaClass::getPackageName).collect(toSet()))
                .isSubsetOf(ARROWS.keySet().stream()
                        .map(ArchitectureTest::packageOf)
                        .toList());
    }

    /** Each package, not the module: that is what counts for a user who is on the class path. */
    @Test
    void everyPackageIsNullMarked() {
        assertThat(CORE.stream().map(JavaClass::getPackage))
                .allMatch(room -> room.isAnnotatedWith("org.jspecify.annotations.NullMarked"));
    }

    @Test
    void everyCheckedExceptionThatUsersSeeIsALogException() {
        assertThat(CORE.stream()
                        .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                        .filter(type -> PUBLIC_ROOMS.stream()
                                .anyMatch(room -> packageOf(room).equals(type.getPackageName())))
                        .filter(type ->
                                type.isAssignableTo(Exception.class) && !type.isAssignableTo(RuntimeException.class)))
                .hasSizeGreaterThan(8)
                .allMatch(type -> type.isAssignableTo(LogException.class));
    }

    @TestFactory
    Stream<DynamicTest> aRoomKnowsOnlyTheRoomsItsArrowsPointAt() {
        return ARROWS.entrySet().stream()
                .map(arrows -> DynamicTest.dynamicTest(arrows.getKey(), () -> {
                    String[] known = Stream.concat(Stream.of(arrows.getKey()), arrows.getValue().stream())
                            .map(ArchitectureTest::packageOf)
                            .toArray(String[]::new);
                    check(noClasses()
                            .that()
                            .resideInAPackage(packageOf(arrows.getKey()))
                            .should()
                            .dependOnClassesThat(resideInAPackage("dev.holdfast..")
                                    .and(DescribedPredicate.not(resideInAnyPackage(known)))));
                }));
    }

    /** The compiler copies constants, so a class file does not tell from which room they are. */
    @TestFactory
    Stream<DynamicTest> aRoomImportsOnlyFromTheRoomsItsArrowsPointAt() {
        return ARROWS.entrySet().stream()
                .map(arrows -> DynamicTest.dynamicTest(
                        arrows.getKey(),
                        () -> assertThat(roomsImportedBy(arrows.getKey())).isSubsetOf(arrows.getValue())));
    }

    private static Set<String> roomsImportedBy(String room) throws IOException {
        Set<String> rooms = new HashSet<>();
        try (Stream<Path> files =
                Files.list(Path.of("src/main/java", packageOf(room).split("\\.")))) {
            for (Path source : files.filter(Files::isRegularFile).toList()) {
                Matcher imports = IMPORT.matcher(Files.readString(source));
                while (imports.find()) {
                    rooms.add(imports.group(1) == null ? WAL : imports.group(1));
                }
            }
        }
        rooms.remove(room);
        return rooms;
    }

    @Test
    void storageKnowsOnlyTheExceptionsOfTheContract() {
        check(noClasses()
                .that()
                .resideInAPackage(packageOf("storage"))
                .should()
                .dependOnClassesThat(
                        resideInAPackage(ROOT).and(DescribedPredicate.not(assignableTo(Throwable.class)))));
    }

    @Test
    void noTwoRoomsKnowEachOther() {
        check(slices().matching(ROOT + ".(*)..").should().beFreeOfCycles());
    }

    @Test
    void onlyStorageTouchesFiles() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage(packageOf("storage"))
                .should()
                .dependOnClassesThat(resideInAPackage("java.nio.channels..")
                        .or(resideInAPackage("java.nio.file.spi"))
                        .or(belongToAnyOf(Files.class, RandomAccessFile.class))
                        .or(assignableTo("java.io.FileInputStream"))
                        .or(assignableTo("java.io.FileOutputStream"))
                        .or(assignableTo("java.io.File"))));
    }

    /** The wall clock may jump. Storage alone reads it, to write when the holder of a lock started. */
    @Test
    void onlyStorageReadsTheWallClock() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage(packageOf("storage"))
                .should(access("read the wall clock", ArchitectureTest::readsTheWallClock)));
    }

    /** Everyone else is handed a clock, so that a test decides what time it is. */
    @Test
    void onlyTheFrontDoorReadsTheNanoClock() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(packageOf("engine"), packageOf("file"))
                .should(access("call System.nanoTime", access -> isCall(access, System.class, "nanoTime"))));
    }

    /** A lock that everyone can take is a lock that anyone can hold for too long. */
    @Test
    void noMethodIsSynchronized() {
        check(methods().should().notHaveModifier(JavaModifier.SYNCHRONIZED));
    }

    @Test
    void nothingIsLoggedToJavaUtilLogging() {
        check(noClasses().should().dependOnClassesThat(resideInAPackage("java.util.logging..")));
    }

    @Test
    void nothingIsPrinted() {
        check(NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS);
    }

    /** The compiler's own check of this is off: it would ask for JSpecify at every user's, because of @Nullable. */
    @Test
    void noPublicSignatureShowsAnInternalType() {
        String[] exported =
                PUBLIC_ROOMS.stream().map(ArchitectureTest::packageOf).toArray(String[]::new);
        check(classes()
                .that()
                .resideInAnyPackage(exported)
                .and()
                .arePublic()
                .should(showOnly(
                        resideInAnyPackage(exported).or(DescribedPredicate.not(resideInAPackage(ROOT + ".."))))));
    }

    @Test
    void theModuleNeedsOnlyTheJdkAtRunTime() throws IOException {
        ModuleDescriptor module = module();
        assertThat(module.requires().stream()
                        .filter(required -> !required.modifiers().contains(ModuleDescriptor.Requires.Modifier.STATIC))
                        .map(ModuleDescriptor.Requires::name))
                .isSubsetOf("java.base", "jdk.jfr");
        assertThat(module.requires().stream().map(ModuleDescriptor.Requires::name))
                .isSubsetOf("java.base", "jdk.jfr", "jdk.unsupported", "org.jspecify");
    }

    @Test
    void theModuleExportsItsPublicRoomsToAllAndTheRestToOtherModulesByName() throws IOException {
        for (ModuleDescriptor.Exports exported : module().exports()) {
            if (exported.isQualified()) {
                String room = exported.source().substring(ROOT.length() + 1);
                assertThat(EXPORTED_TO).containsEntry(room, exported.targets());
            } else {
                assertThat(exported.source())
                        .isIn(PUBLIC_ROOMS.stream()
                                .map(ArchitectureTest::packageOf)
                                .toList());
            }
        }
    }

    private static void check(ArchRule rule) {
        // A rule about a room without classes has nothing to say; everyPackageIsARoom fails where nothing was read.
        rule.allowEmptyShould(true).check(CORE);
    }

    private static String packageOf(String room) {
        return room.equals(WAL) ? ROOT : ROOT + "." + room;
    }

    private static ArchCondition<JavaClass> access(String what, Predicate<JavaAccess<?>> isBad) {
        return new ArchCondition<>(what) {
            @Override
            public void check(JavaClass from, ConditionEvents events) {
                // Includes method references, which the ready-made callMethod() leaves out.
                for (JavaAccess<?> access : from.getAccessesFromSelf()) {
                    events.add(new SimpleConditionEvent(from, isBad.test(access), access.getDescription()));
                }
            }
        };
    }

    private static boolean isCall(JavaAccess<?> access, Class<?> owner, String... names) {
        return access.getTargetOwner().isAssignableTo(owner)
                && List.of(names).contains(access.getTarget().getName());
    }

    private static boolean readsTheWallClock(JavaAccess<?> access) {
        return access.getTargetOwner().isAssignableTo(Clock.class)
                || isCall(access, System.class, "currentTimeMillis")
                || isCall(access, Calendar.class, "getInstance")
                || (isCall(access, Date.class, "<init>")
                        && access.getTarget() instanceof CodeUnitAccessTarget target
                        && target.getRawParameterTypes().isEmpty())
                || (access.getTargetOwner().getPackageName().startsWith("java.time")
                        && access.getTarget().getName().equals("now"));
    }

    private static ArchCondition<JavaClass> showOnly(DescribedPredicate<JavaClass> allowed) {
        return new ArchCondition<>("show only public types") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                Stream<JavaClass> supertypes =
                        Stream.concat(type.getRawSuperclass().stream(), type.getRawInterfaces().stream());
                report(type, type.getDescription(), supertypes, events);
                for (JavaMember member : type.getMembers()) {
                    Set<JavaModifier> modifiers = member.getModifiers();
                    if (modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED)) {
                        report(type, member.getDescription(), typesIn(member), events);
                    }
                }
            }

            private void report(JavaClass type, String where, Stream<JavaClass> shown, ConditionEvents events) {
                shown.filter(allowed.negate())
                        .forEach(hidden ->
                                events.add(SimpleConditionEvent.violated(type, where + " shows " + hidden.getName())));
            }
        };
    }

    private static Stream<JavaClass> typesIn(JavaMember member) {
        if (member instanceof JavaField field) {
            return field.getType().getAllInvolvedRawTypes().stream();
        }
        JavaCodeUnit method = (JavaCodeUnit) member;
        return Stream.concat(
                Stream.concat(Stream.of(method.getReturnType()), method.getParameterTypes().stream())
                        .flatMap(type -> type.getAllInvolvedRawTypes().stream()),
                method.getExceptionTypes().stream());
    }

    private static ModuleDescriptor module() throws IOException {
        // Not by class loader: on the class path, the descriptor of a dependency may come first.
        URL classes = Log.class.getProtectionDomain().getCodeSource().getLocation();
        try (InputStream in =
                Files.newInputStream(Path.of(URI.create(classes.toString())).resolve("module-info.class"))) {
            return ModuleDescriptor.read(in);
        }
    }
}
