"""Passwords of at least twelve characters that lists of leaked ones hold near their top.

Compared in lower case. Shorter ones need no list: they are refused for their length.
"""

_LISTED = """
    123456789012 1234567890123 12345678901234 123456789012345 1234567890123456 12345678910
    123456789101 1234567891011 123456789123 123456789123456789 12345678987654321
    123123123123 121212121212 111111111111 1111111111111 11111111111111 111111111111111
    000000000000 0000000000000 222222222222 666666666666 777777777777 888888888888 999999999999
    012345678910 0123456789012 098765432109 987654321012 112233445566 111222333444 147258369147
    147852369147 123qweasdzxc 123qwe123qwe 123abc123abc 1234qwerasdf 1234qwerasdfzxcv
    1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r5t6y7u8i 1q2w3e4r5t6y7u8i9o0p 1qaz2wsx3edc
    1qaz2wsx3edc4rfv 1qaz2wsx3edc4rfv5tgb 1qazxsw23edc 1qazxsw23edcvfr4 zaq12wsxcde3
    zaq1xsw2cde3 qazwsxedcrfv qazwsxedcrfvtgb qazwsxedc123 qweasdzxc123 qweasdzxcqwe
    qwertyuiop12 qwertyuiop123 qwertyuiop123456789 qwertyuiop[] qwertyuiopasdfghjklzxcvbnm
    qwertyuiopasdf qwertyuiopas qwerty123456 qwerty1234567 qwerty12345678 qwerty123456789
    qwerty1234567890 qwertyqwerty qwerty123qwerty qwertyasdfgh qwertyasdfzxcv qwer1234asdf
    qwer1234qwer asdfghjkl123 asdfghjklzxcvbnm asdfasdfasdf asdfghjkl;' zxcvbnm12345
    zxcvbnm123456 zxcvbnmasdfghjkl aaaaaaaaaaaa aaaaaaaaaaaaa abcdefghijkl abcdefghijklm
    abcdefghijklmnop abcdefghijklmnopqrstuvwxyz abc123456789 abcd12345678 abcd1234abcd
    abc123abc123 a1b2c3d4e5f6 a123456789012 aa123456789a aaa111222333 password1234
    password12345 password123456 password1234567 password12345678 password123456789
    password1234567890 passwordpassword password123! password123. password@123 password!234
    password2020 password2021 password2022 password2023 password2024 password2025 password2026
    p@ssw0rd1234 p@ssword1234 p@ssw0rd123! passw0rd1234 passw0rd123! mypassword12 mypassword123
    mypassword1234 newpassword1 newpassword123 thispassword yourpassword changemenow!
    changeme1234 changeme12345 changemeplease letmein12345 letmein123456 letmeinplease
    letmeinletmein welcome12345 welcome123456 welcomewelcome welcome@1234 welcome2024!
    administrator administrator1 administrator123 admin1234567 admin12345678 admin123456789
    adminadminadmin adminadmin123 admin@123456 root12345678 superadmin123 iloveyou1234
    iloveyou12345 iloveyou123456 iloveyouforever iloveyousomuch iloveyoubaby ilovemyfamily
    ilovemymother iloveyou2024 loveyouforever imissyousomuch sunshine1234 sunshine12345
    princess1234 princess12345 football1234 football12345 baseball1234 basketball12
    basketball123 superman1234 spiderman123 batman123456 dragon123456 monkey123456
    master123456 shadow123456 michael12345 jessica12345 charlie12345 computer1234 internet1234
    samsung12345 liverpool123 liverpoolfc1 manchesterunited chelseafc123 barcelona123
    realmadrid12 realmadrid123 christopher1 alexander123 jesuschrist1 jesuschrist123
    jesusislord1 jesuslovesme godisgreat12 trustno1trustno1
    thequickbrownfox opensesame123 secretpassword secret123456
    supersecret1 supersecret123 topsecret123 unbelievable unforgettable starwars1234
    harrypotter1 harrypotter123 pokemon12345 minecraft123 minecraft1234 fortnite1234
    playstation2 playstation3 playstation123 onedirection onedirection1 tinkerbell123
    butterfly123 chocolate123 strawberry12 strawberry123 watermelon12 blink182blink182
    linkinpark12 linkinpark123 metallica123 slipknot666666 whatever1234 q1w2e3r4t5y6
    q1w2e3r4t5y6u7i8 q1w2e3r4t5y6u7i8o9p0 z1x2c3v4b5n6 g00gle123456 google123456
    facebook1234 senha1234567 senha12345678 senha123456789 minhasenha123 senhasenha12
    brasil123456 flamengo1234 flamengo12345 corinthians1 corinthians123 corinthians1910
    palmeiras123 palmeiras1914 saopaulofc12 saopaulo1234 vascodagama1 teamo1234567 teamomuito123
    euteamo12345 deusefiel123 deuseamor123 deusebom1234 jesusteama12 jesusteamo12
    familia12345 contrasena12 contrasena123 contraseña123 teamoteamo12 123456abcdef
    123456qwerty 12345qwert12345 123456789abc 123456789qwe 1234567890ab 1234567890qwe
    1234567890qwerty 1234567890abc !qaz2wsx#edc !qaz@wsx#edc
"""

COMMON_PASSWORDS: frozenset[str] = frozenset(_LISTED.split())
